curl --silent --fail --cacert certificates/ca.pem --user "me:$(cut -d ' ' -f 3 tokens)" https://127.0.0.1:8000/metrics
copur journal verify rounds.sqlite
copur journal list rounds.sqlite
