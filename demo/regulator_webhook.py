"""A sample regulator that is called: a webhook endpoint that verifies Standard Webhooks signatures.

Stand-alone: imports nothing of this repository. Signs for what it receives in the answer itself.
"""

import argparse
import json
import queue
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from regulating import Regulator
from standardwebhooks import Webhook, WebhookVerificationError

Entries = list[dict[str, Any]]


def endpoint(webhook: Webhook, inbox: queue.Queue[Entries]) -> type[BaseHTTPRequestHandler]:
    """A handler that takes verified batches into the inbox and refuses all others."""

    class Endpoint(BaseHTTPRequestHandler):
        """One POST is one batch of events."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                entries: Any = webhook.verify(body, dict(self.headers))
            except WebhookVerificationError:
                self.send_error(401)
                return
            inbox.put(entries)
            opened = [e for e in entries if e["type"] == "linkage.feed.push-opened.v1"]
            # Half are signed for here, the rest by the ordinary call: both must do.
            signed = [e["data"]["push_id"] for e in opened[::2]]
            answer = json.dumps({"received": signed}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing for each request."""

    return Endpoint


def main() -> None:
    """Subscribe, take batches, work through them; print what was done when told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("url", "key", "organisation", "hand-over-to"):
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args()
    regulator = Regulator(
        options.url, options.key, options.organisation, hand_over_to=options.hand_over_to
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    inbox: queue.Queue[Entries] = queue.Queue()
    # The port is needed to subscribe, and the secret of the subscription to verify.
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    subscription = regulator.api.post(
        "/v1/subscriptions",
        {"channel": "webhook", "endpoint": f"http://127.0.0.1:{server.server_port}/"},
    )
    server.RequestHandlerClass = endpoint(Webhook(subscription["secret"]), inbox)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        while True:
            regulator.handle(inbox.get())
    finally:
        print(json.dumps(regulator.counts, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
