"""A hub on this machine: a few requests of the Hugging Face hub's interface, answered from a folder."""

import contextlib
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

NAME, COMMIT = "owner/model", "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Hub:
    """``refused``: files that it does not give; ``gated``: asks for consent to give files.

    ``sent``: what files were asked for, in order.
    """

    folder: Path
    refused: set[str] = field(default_factory=set)
    gated: bool = False
    address: str = ""
    sent: list[str] = field(default_factory=list)

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body."""
        path = path.partition("?")[0]
        prefix, files = f"/api/models/{NAME}", sorted(file.name for file in self.folder.iterdir())
        if not path.startswith((prefix, f"/{NAME}/")):
            return 404, {"X-Error-Code": "RepoNotFound"}, b""
        if path in (f"{prefix}/revision/main", f"{prefix}/revision/{COMMIT}"):
            siblings = [{"rfilename": name} for name in (*files, "onnx/model.safetensors")]
            return 200, {}, json.dumps(self.about(siblings)).encode()
        if path.startswith(f"{prefix}/revision/"):
            return 404, {"X-Error-Code": "RevisionNotFound"}, b""
        if path == f"{prefix}/tree/{COMMIT}":
            rows = [
                {"type": "file", "path": name, "size": (self.folder / name).stat().st_size, "oid": self.tag(name)}
                for name in files
            ]
            return 200, {}, json.dumps(rows).encode()
        if path == f"{prefix}/auth-check" and not self.gated:
            return 200, {}, b""
        if self.gated:
            return 403, {"X-Error-Code": "GatedRepo"}, b""
        name = path.removeprefix(f"/{NAME}/resolve/{COMMIT}/")
        if name not in files:
            return 404, {"X-Error-Code": "EntryNotFound"}, b""
        if name in self.refused:
            time.sleep(0.5)  # the other files, asked for at the same time, are there by then
            return 403, {}, b""
        headers = {"ETag": f'"{self.tag(name)}"', "X-Repo-Commit": COMMIT}
        return 200, headers, (self.folder / name).read_bytes()

    def about(self, siblings: list[dict[str, str]]) -> dict[str, object]:
        return {"id": NAME, "sha": COMMIT, "siblings": siblings, "gated": "manual" if self.gated else False}

    def tag(self, name: str) -> str:
        return hashlib.sha256((self.folder / name).read_bytes()).hexdigest()


def _handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send(body=False)

        def do_GET(self) -> None:
            self.send(body=True)

        def send(self, body: bool) -> None:
            status, headers, content = hub.answer(self.path)
            if body and "/resolve/" in self.path:
                hub.sent.append(self.path.rpartition("/")[2])
            self.send_response(status)
            for key, value in (headers | {"Content-Length": str(len(content))}).items():
                self.send_header(key, value)
            self.end_headers()
            if body:
                self.wfile.write(content)

        def log_message(self, *_arguments: object) -> None:
            """Silent."""

    return Handler


@contextlib.contextmanager
def serve(folder: Path) -> Iterator[Hub]:
    """A hub that has the files of ``folder`` as the one model."""
    hub = Hub(folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub)) as server:
        hub.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield hub
        finally:
            server.shutdown()
            thread.join()
