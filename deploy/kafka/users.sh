#!/usr/bin/env bash
# Gives linkage and its services their passwords on Kafka (SCRAM). Run by kafka-init at every `docker compose up`: a new
# password holds from then on, and no broker is restarted. The broker's own user comes in by PLAIN.
set -euo pipefail
secrets=${SECRETS:-/run/secrets}
broker=${BROKER:-kafka:9092}
access=$(mktemp)
cat > "$access" <<END
security.protocol=SASL_SSL
ssl.truststore.type=PEM
ssl.truststore.location=$secrets/authority.crt
sasl.mechanism=PLAIN
sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
 username="broker" password="$(< "$secrets/kafka-broker-password")";
END
for user in linkage approval-events supervision-push credit; do
  "${CONFIGS:-/opt/kafka/bin/kafka-configs.sh}" --bootstrap-server "$broker" --command-config "$access" --alter \
    --entity-type users --entity-name "$user" \
    --add-config "SCRAM-SHA-512=[password=$(< "$secrets/password-$user")]"
done
