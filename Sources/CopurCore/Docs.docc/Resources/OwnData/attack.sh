copur run live.yaml --http 127.0.0.1:8000 --out live
