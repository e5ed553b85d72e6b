"""Validates the simulator's real answers against Intercom's official OpenAPI document.

usage: openapi_check.py <simulator url> <access token> <workspace key>

The document is $HARKEN_REFERENCE_DIR/openapi.yaml, else ../shared/intercom/openapi.yaml beside the repository. Where
it is absent the check says so and does nothing. Where the document contradicts answers captured from the real
service, the captured answer wins; each such place is listed in DISAGREEMENTS with its reason.
"""

import collections
import json
import os
import pathlib
import re
import sys
import urllib.error
import urllib.request

import yaml
from jsonschema import Draft202012Validator

VERSION = "2.16"

# Where in an answer (indices left out), what the validator says, why the answer stays as it is.
DISAGREEMENTS = [
    (r"statistics/[a-z_]+$", r"None is not of type 'integer'", "null until it happens, as in every captured answer"),
    (r"statistics/last_closed_by_id$", r"is not of type 'string'", "captured answers carry a number"),
    (r"conversation_parts/assigned_to$", r"None is not of type 'object'", "null when a part assigns nobody"),
    (r"conversation_parts/email_message_metadata$", r"None is not of type 'object'", "null for what was not mailed"),
    (r"(^|/)ai_agent$", r"None is not of type 'object'", "null unless Fin took part, as in the document's own examples"),
    (r"(^|/)sales_agent$", r"None is not of type 'object'", "null unless the sales agent took part"),
    (r"(^|/)company$", r"None is not of type 'object'", "null for customers without a company"),
    (r"custom_attributes/[^/]+$", r"(True|False) is not valid under any", "booleans among conversation attributes"),
    (r"(^|/)email$", r"None is not of type 'string'", "leads may have no e-mail"),
    (r"(^|/)email_domain$", r"None is not of type 'string'", "none without an e-mail"),
    (r"(^|/)pages/next$", r"is not of type 'object'", "a URL where pages have numbers, as in the document's own examples"),
]


def document():
    root = pathlib.Path(__file__).resolve().parents[2]
    folder = os.environ.get("HARKEN_REFERENCE_DIR")
    path = pathlib.Path(folder) if folder else root.parent / "shared" / "intercom"
    path = path / "openapi.yaml"
    if not path.exists():
        print(f"skipped: {path.name} is not there (set HARKEN_REFERENCE_DIR to its folder)")
        sys.exit(0)
    return yaml.safe_load(path.read_text())


def json_schema(node):
    """OpenAPI 3.0 to JSON Schema: `nullable` becomes a type, `example` and unknown formats vanish."""
    if isinstance(node, list):
        return [json_schema(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return {"$ref": node["$ref"]}
    kept = {
        key: json_schema(value)
        for key, value in node.items()
        if key not in ("example", "examples", "nullable", "format", "discriminator", "xml")
    }
    if "properties" in node:
        kept["properties"] = {name: json_schema(value) for name, value in node["properties"].items()}
    if not node.get("nullable"):
        return kept
    if isinstance(kept.get("type"), str) and "enum" not in kept:
        return {**kept, "type": [kept["type"], "null"]}
    return {"anyOf": [kept, {"type": "null"}]}


class Checker:
    def __init__(self, url, token):
        self.url, self.token = url, token
        self.document = document()
        schemas = {name: json_schema(node) for name, node in self.document["components"]["schemas"].items()}
        self.components = {"components": {"schemas": schemas}}
        self.checked = collections.Counter()
        self.allowed = collections.Counter()
        self.wrong = collections.Counter()

    def send(self, method, path, body=None, token=None):
        headers = {
            "Authorization": f"Bearer {token or self.token}",
            "Intercom-Version": VERSION,
            "Accept": "application/json",
            "Content-Type": "application/json",
        }
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def check(self, method, template, path=None, body=None, token=None, expect=200):
        """Sends a request and validates the answer against the operation `template` names."""
        status, answer = self.send(method, path or template, body, token)
        if status != expect:
            self.wrong[f"{method} {path}: {status} instead of {expect}: {answer}"] += 1
            return answer
        responses = self.document["paths"][template][method.lower()]["responses"]
        documented = responses.get(str(status))
        if documented is None:
            # Every operation may answer with these, documented there or not.
            schema = {"$ref": "#/components/schemas/error"}
        else:
            schema = json_schema(documented["content"]["application/json"]["schema"])
        validator = Draft202012Validator({**schema, **self.components})
        for error in validator.iter_errors(answer):
            self.judge(f"{method} {template} {status}", error)
        self.checked[f"{method} {template} {status}"] += 1
        return answer

    def judge(self, operation, error):
        where = "/".join(str(step) for step in error.absolute_path if not isinstance(step, int))
        message = re.sub(r"\s+", " ", error.message)[:160]
        for index, (place, says, _) in enumerate(DISAGREEMENTS):
            if re.search(place, where) and re.search(says, message):
                self.allowed[index] += 1
                return
        self.wrong[f"{operation} at {where or '(root)'}: {message}"] += 1

    def pages(self, method, template, key, search=None):
        items, cursor = [], None
        while True:
            if method == "GET":
                path = f"{template}?per_page=150" + (f"&starting_after={cursor}" if cursor else "")
                answer = self.check("GET", template, path)
            else:
                body = {"query": search, "pagination": {"per_page": 150, "starting_after": cursor}}
                answer = self.check("POST", template, body=body)
            items += answer[key]
            following = (answer["pages"] or {}).get("next")
            if not following:
                return items
            cursor = following["starting_after"]

    def report(self):
        for operation, times in sorted(self.checked.items()):
            print(f"{times:6} answers of {operation}")
        for index, (place, says, reason) in enumerate(DISAGREEMENTS):
            if self.allowed[index]:
                print(f"{self.allowed[index]:6} known disagreements at {place}: {reason}")
            else:
                self.wrong[f"no answer disagrees at {place} any more: take it off the list"] += 1
        for problem, times in self.wrong.most_common(40):
            print(f"WRONG {times} times: {problem}")
        return 1 if self.wrong else 0


def check_lists(checker):
    for path in ["/me", "/admins", "/teams", "/tags", "/segments", "/data_attributes", "/conversations/attributes"]:
        checker.check("GET", path)
    checker.check("GET", "/segments", "/segments?include_count=true")
    checker.check("GET", "/data_attributes", "/data_attributes?model=company")
    admin = checker.send("GET", "/admins")[1]["admins"][0]["id"]
    checker.check("GET", "/admins/{admin_id}", f"/admins/{admin}")
    team = checker.send("GET", "/teams")[1]["teams"][0]["id"]
    checker.check("GET", "/teams/{team_id}", f"/teams/{team}")
    tag = checker.send("GET", "/tags")[1]["data"][0]["id"]
    checker.check("GET", "/tags/{tag_id}", f"/tags/{tag}")
    segment = checker.send("GET", "/segments")[1]["segments"][0]["id"]
    checker.check("GET", "/segments/{segment_id}", f"/segments/{segment}")


def check_companies(checker):
    listed = checker.check("POST", "/companies/list", "/companies/list?page=1&per_page=60")["data"]
    checker.check("GET", "/companies")
    checker.check("GET", "/companies/scroll")
    checker.check("GET", "/companies/scroll", expect=400)
    for company in listed[:10]:
        path = f"/companies/{company['id']}"
        checker.check("GET", "/companies/{company_id}", path)
        checker.check("GET", "/companies/{company_id}/contacts", f"{path}/contacts")
        checker.check("GET", "/companies/{company_id}/segments", f"{path}/segments")
    checker.check("GET", "/companies/{company_id}", "/companies/0123456789abcdef01234567", expect=404)


def check_contacts(checker):
    contacts = checker.pages("GET", "/contacts", "data")
    checker.pages("POST", "/contacts/search", "data", {"field": "role", "operator": "=", "value": "user"})
    for contact in contacts[:: max(1, len(contacts) // 40)]:
        path = f"/contacts/{contact['id']}"
        checker.check("GET", "/contacts/{contact_id}", f"{path}?include_merge_history=true")
        for part in ["tags", "companies", "notes", "segments"]:
            checker.check("GET", f"/contacts/{{contact_id}}/{part}", f"{path}/{part}")
        checker.check("GET", "/contacts/{id}/merge_history", f"{path}/merge_history")
        if contact["role"] == "user":
            found = f"/contacts/find_by_external_id/{contact['external_id']}"
            checker.check("GET", "/contacts/find_by_external_id/{external_id}", found)
    checker.check("GET", "/contacts/{contact_id}", "/contacts/0123456789abcdef01234567", expect=404)
    sort = {"field": "created_at", "order": "desc"}
    body = {"query": {"field": "role", "operator": "=", "value": "user"}, "sort": sort}
    checker.check("POST", "/contacts/search", body=body, expect=400)


def check_conversations(checker, merged):
    conversations = checker.pages("GET", "/conversations", "conversations")
    recent = {"field": "updated_at", "operator": ">", "value": 0}
    checker.pages("POST", "/conversations/search", "conversations", recent)
    for conversation in conversations[:: max(1, len(conversations) // 300)]:
        path = f"/conversations/{conversation['id']}"
        checker.check("GET", "/conversations/{conversation_id}", path)
        checker.check("GET", "/conversations/{conversation_id}", f"{path}?display_as=plaintext")
    checker.check("GET", "/conversations/deleted")
    checker.check("GET", "/conversations/{conversation_id}", "/conversations/215471234567890", expect=404)
    if merged:
        checker.check("GET", "/contacts/{contact_id}", f"/contacts/{merged}", expect=410)


def merged_contact(url, workspace):
    with urllib.request.urlopen(f"{url}/_simulator/truth/{workspace}/conversations") as answer:
        for line in answer:
            conversation = json.loads(line)
            if conversation["merged_into"]:
                return conversation["contacts"][0]
    return None


def main(url, token, workspace):
    checker = Checker(url, token)
    check_lists(checker)
    check_companies(checker)
    check_contacts(checker)
    check_conversations(checker, merged_contact(url, workspace))
    checker.check("GET", "/me", token="wrong", expect=401)
    lacking = token.replace("sim_full_", "sim_no_conversations_")
    checker.check("GET", "/conversations", token=lacking, expect=403)
    return checker.report()


sys.exit(main(*sys.argv[1:]))
