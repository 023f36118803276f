copur run machines.yaml --in-process --out results
