echo "viewer me $(openssl rand -hex 16)" > tokens
copur serve bundle --grpc 127.0.0.1:8001 --http 127.0.0.1:8000 --http-token-file tokens \
  --journal rounds.sqlite --labels --tls-ca certificates/ca.pem \
  --tls-certificate certificates/server.pem --tls-key certificates/server.key
