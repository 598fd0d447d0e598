"""A server that behaves like the Hugging Face Hub: repositories with branches and commits, uploads, and a second host.

The requests are those that `huggingface_hub` makes; the answers have the headers that it reads.
"""

import base64
import hashlib
import json
import re

from tests.support.remote import Handler, Remote

TOKEN = "hf_of_the_tests"


class HubServer(Remote):
    """The server of the Hub; large files come from another one, which must not get anybody's token.

    Attributes:
        repositories: Files by repository and branch.
        private: Names of repositories that only the token opens.
        large: The other server.
    """

    def __init__(self):
        super().__init__(_HubHandler)
        self.repositories, self.private, self.large = {}, set(), Remote()
        self._commits = {}

    def commit(self, repository, revision):
        """Returns the name of the commit that a branch is at; the files of a commit never change."""
        if (repository, revision) in self._commits:
            return revision
        files = self.repositories[repository][revision]
        name = hashlib.sha1(b"".join(name.encode() + files[name] for name in sorted(files))).hexdigest()
        self._commits[repository, name] = dict(files)
        return name

    def stop(self):
        super().stop()
        self.large.stop()

    def find(self, repository, revision, name, token):
        """Returns a file, or the status and the code of the error."""
        found = self.repositories.get(repository)
        if found is None or (repository in self.private and token != TOKEN):
            return (404, "RepoNotFound") if token == TOKEN else (401, "RepoNotFound")
        if revision not in found and (repository, revision) not in self._commits:
            return 404, "RevisionNotFound"
        files = self._commits[repository, self.commit(repository, revision)]
        return files.get(name, (404, "EntryNotFound"))


class _HubHandler(Handler):
    def token(self):
        return self.headers.get("Authorization", "").removeprefix("Bearer ")

    def respond(self, path):
        asked = re.fullmatch(r"/(.+?/.+?)/resolve/([^/]+|refs/pr/\d+)/([^/]+)", path)
        if not asked:
            return super().respond(path)
        found = self.remote.find(*asked.groups(), self.token())
        if isinstance(found, tuple):
            self.answer(found[0], b"", {"X-Error-Code": found[1]})
            return None
        etag = f'"{hashlib.sha256(found).hexdigest()}"'
        headers = {"X-Repo-Commit": self.remote.commit(asked[1], asked[2]), "ETag": etag}
        if asked[3].endswith(".h5"):
            place = f"/{hashlib.sha256(found).hexdigest()}/{asked[3]}"
            self.remote.large.files[place] = found
            headers |= {"X-Linked-Size": len(found), "X-Linked-ETag": etag, "Location": self.remote.large.url + place}
            self.answer(302, b"", headers)
        else:
            self.answer(200, found, headers)
        return None

    def do_POST(self):  # noqa: N802
        remote = self.remote
        body = self.rfile.read(int(self.headers["Content-Length"]))
        remote.requests.append((self.path, dict(self.headers)))
        self.sent, self.close_connection = None, True
        if self.token() != TOKEN:
            self.reply({"error": "Invalid username or password."}, 401)
        elif self.path == "/api/repos/create":
            asked = json.loads(body)
            name = "/".join(part for part in (asked.get("organization"), asked["name"]) if part)
            exists = name in remote.repositories
            remote.repositories.setdefault(name, {"main": {}})
            self.reply({"url": f"{remote.url}/{name}", "error": "exists"}, 409 if exists else 200)
        elif self.path == "/api/validate-yaml":
            self.reply({"errors": [], "warnings": []})
        elif asked := re.fullmatch(r"/api/models/(.+)/branch/(.+)", self.path):
            remote.repositories[asked[1]].setdefault(asked[2], {})
            self.reply({})
        elif asked := re.fullmatch(r"/api/models/(.+)/preupload/(.+)", self.path):
            files = [
                {"path": file["path"], "uploadMode": "regular", "shouldIgnore": False, "oid": None}
                for file in json.loads(body)["files"]
            ]
            self.reply({"files": files})
        elif asked := re.fullmatch(r"/api/models/(.+)/commit/(.+)", self.path):
            for line in body.splitlines():
                entry = json.loads(line)
                if entry["key"] == "file":
                    content = base64.b64decode(entry["value"]["content"])
                    remote.repositories[asked[1]][asked[2]][entry["value"]["path"]] = content
            url = f"{remote.url}/{asked[1]}/commit/{'0' * 40}"
            self.reply({"success": True, "commitOid": "0" * 40, "commitUrl": url})
        else:
            self.reply({"error": f"no {self.path}"}, 404)

    def reply(self, value, status=200):
        self.answer(status, json.dumps(value).encode(), {"Content-Type": "application/json"})
