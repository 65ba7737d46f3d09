"""Prints the JSON Schema of the rule book: ``python -m approval_events.entrypoints.rules_schema``.

``deploy/rules/approvals.schema.json`` is what it prints; editors check the YAML file by it.
"""

import json
import sys

from approval_events.domain.rule_book import RuleBook


def schema() -> str:
    """The schema as it stands in the file."""
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **RuleBook.model_json_schema(),
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema())
