copur train machines.yaml --out bundle
copur certs certificates --agents vibration heat sound
