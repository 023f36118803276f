for agent in vibration heat sound; do
  copur agent bundle --agent $agent --connect https://127.0.0.1:8001 --tls-ca certificates/ca.pem \
    --tls-certificate certificates/agent-$agent.pem --tls-key certificates/agent-$agent.key &
done
wait
