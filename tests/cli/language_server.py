"""A YAML language server, as an editor talks to it. Used by `test_editor`."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import IO, Any, Self


class LanguageServer:
    """One server over its standard streams, for one folder; use it with `with`.

    Args:
        program: the server's script, run by node.
        folder: the workspace.
    """

    def __init__(self, program: Path, folder: Path) -> None:
        node = shutil.which("node")
        assert node is not None
        self._folder, self._number, self._told = folder, 0, dict[str, list[Any]]()
        self._command = [node, str(program), "--stdio"]

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=self._folder)
        try:
            self._begin()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _begin(self) -> None:
        able = {"textDocument": {"completion": {}, "hover": {}}, "workspace": {"configuration": False}}
        self._ask("initialize", processId=None, rootUri=self._folder.as_uri(), capabilities=able)
        self._tell("initialized")
        settings = {"yaml": {"validate": True, "completion": True, "hover": True, "schemaStore": {"enable": False}}}
        self._tell("workspace/didChangeConfiguration", settings=settings)

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def open(self, name: str, text: str) -> list[str]:
        """Open a document; returns what the server finds wrong in it."""
        uri = (self._folder / name).as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._tell("textDocument/didOpen", textDocument=document)
        while uri not in self._told:
            self._read()
        return [each["message"] for each in self._told.pop(uri)]

    def offered(self, name: str, line: int, character: int) -> set[str]:
        """What is offered at a place, counted from 0."""
        where = {"textDocument": {"uri": (self._folder / name).as_uri()}}
        answer = self._ask("textDocument/completion", **where, position={"line": line, "character": character})
        items = answer["items"] if isinstance(answer, dict) else answer or []
        return {item["label"] for item in items}

    def _ask(self, method: str, **params: Any) -> Any:
        self._number += 1
        self._send({"id": self._number, "method": method, "params": params})
        while True:
            message = self._read()
            if message.get("id") == self._number and "method" not in message:
                assert "error" not in message, message
                return message["result"]

    def _tell(self, method: str, **params: Any) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: dict[str, Any]) -> None:
        text = json.dumps({"jsonrpc": "2.0", **message}).encode()
        stream = self._stream(self._process.stdin)
        stream.write(b"Content-Length: %d\r\n\r\n" % len(text) + text)
        stream.flush()

    def _read(self) -> dict[str, Any]:
        stream, length = self._stream(self._process.stdout), 0
        while line := stream.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        assert length, "the language server has ended"
        message: dict[str, Any] = json.loads(stream.read(length))
        if message.get("method") == "textDocument/publishDiagnostics":
            self._told[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif "method" in message and "id" in message:
            self._send({"id": message["id"], "result": None})
        return message

    @staticmethod
    def _stream(stream: IO[bytes] | None) -> IO[bytes]:
        assert stream is not None
        return stream
