#!/usr/bin/env bash
# secrets.sh FOLDER: makes what docker-compose.yml reads there and is missing. What stands is left as it is: to have a
# secret made anew, remove it first. ALSO=",IP:192.0.2.1" adds names to certificates. Needs openssl 3.
set -euo pipefail
folder=${1:?usage: deploy/secrets.sh FOLDER}
install -d -m 700 "$folder"
cd "$folder"
umask 077

once() { # FILE COMMAND…
  [[ -e $1 ]] || { "${@:2}" > ".$1" && mv ".$1" "$1"; }
}

key() { openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256; }

authority() { # who signs the certificates of this machine's stores; its key is read by nobody else
  openssl req -x509 -new -key authority.key -days 3650 -subj "/CN=linkage authority"
}

certificate() { # NAME NAMES: key, certificate and authority in one file
  local request
  key > ".$1.key"
  request=$(openssl req -new -key ".$1.key" -subj "/CN=$1" -addext "subjectAltName=$2${ALSO:-}")
  cat ".$1.key"
  openssl x509 -req -in <(echo "$request") -CA authority.crt -CAkey authority.key -copy_extensions copy -days 730 2>/dev/null
  cat authority.crt
  rm ".$1.key"
}

once master-key openssl rand -base64 32 # wraps the personal keys: losing it loses personal data
once mongo-root-password openssl rand -hex 32
once mongo-keyfile openssl rand -base64 756
# Who is who to Kafka and MongoDB; hex, because it goes into a URI.
for user in linkage approval-events supervision-push credit; do
  once "password-$user" openssl rand -hex 32
done
once kafka-broker-password openssl rand -hex 32
once grafana-password openssl rand -hex 16    # of its user admin, at the first start
once alert-gateway-token openssl rand -hex 32 # what the gateway of your alerts knows Alertmanager by
once authority.key key
once authority.crt authority
once kafka.pem certificate kafka DNS:kafka,DNS:kafka-2,DNS:kafka-3
once mongo.pem certificate mongo DNS:mongo
# Containers' users, who are not root and not you, read them; the folder keeps everybody else out.
chmod 444 ./*
chmod 400 authority.key
