"""How processes prove to a Kafka cluster who they are, from their environment."""

import ssl

import pytest
from pydantic import ValidationError

from linkage_runtime.settings import KafkaSettings


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("SECURITY", "MECHANISM", "USERNAME", "PASSWORD", "CA"):
        monkeypatch.delenv(f"LINKAGE_KAFKA_{name}", raising=False)
    return monkeypatch


def test_nothing_said_is_a_cluster_that_asks_nobody(environment: pytest.MonkeyPatch) -> None:
    access = KafkaSettings().kafka_access
    assert not access.has_principals
    assert access.client_options() == {"security_protocol": "PLAINTEXT", "ssl_context": None}


def test_sasl_over_tls_has_a_name_a_password_and_a_context_that_verifies(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("LINKAGE_KAFKA_SECURITY", "SASL_SSL")
    environment.setenv("LINKAGE_KAFKA_USERNAME", "linkage")
    environment.setenv("LINKAGE_KAFKA_PASSWORD", "s3cret")
    access = KafkaSettings().kafka_access
    options = access.client_options()
    context = options.pop("ssl_context")
    assert options == {
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "linkage",
        "sasl_plain_password": "s3cret",
    }
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert access.has_principals
    assert "s3cret" not in repr(access)


@pytest.mark.parametrize("given", [{}, {"USERNAME": "linkage"}, {"PASSWORD": "s3cret"}])
def test_sasl_without_both_name_and_password_is_refused_at_the_start(
    environment: pytest.MonkeyPatch, given: dict[str, str]
) -> None:
    environment.setenv("LINKAGE_KAFKA_SECURITY", "SASL_PLAINTEXT")
    for name, value in given.items():
        environment.setenv(f"LINKAGE_KAFKA_{name}", value)
    with pytest.raises(ValidationError, match="LINKAGE_KAFKA_PASSWORD"):
        KafkaSettings()
