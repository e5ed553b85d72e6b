"""Reads the simulator with Intercom's official Python client, unmodified, and compares with its truth.

usage: official_clients.py <simulator url> <access token> <workspace key>
"""

import json
import sys
import urllib.request

from intercom import Intercom, SingleFilterSearchRequest, StartingAfterPaging
from intercom.core.api_error import ApiError


def truth(url, workspace, kind):
    with urllib.request.urlopen(f"{url}/_simulator/truth/{workspace}/{kind}") as answer:
        return [json.loads(line) for line in answer]


def counts(url, workspace):
    with urllib.request.urlopen(f"{url}/_simulator/truth/{workspace}") as answer:
        return json.load(answer)


def same(what, found, expected):
    if found != expected:
        sys.exit(f"{what}: the client found {str(found)[:300]}, true is {str(expected)[:300]}")
    size = len(found) if isinstance(found, (list, set, dict)) else found
    print(f"ok {what}: {size}")


def refused(what, status, call):
    try:
        call()
    except ApiError as error:
        same(what, error.status_code, status)
    else:
        sys.exit(f"{what}: answered instead of being refused with {status}")


def search(endpoint, query, per_page):
    """All pages of a search. The client's own iterator asks for the first page for ever: it forgets the cursor."""
    items, cursor = [], None
    while True:
        page = endpoint.search(
            query=query, pagination=StartingAfterPaging(per_page=per_page, starting_after=cursor)
        )
        items += page.items
        if not page.has_next:
            return items
        cursor = page.response.pages.next.starting_after


def check_people(client, url, workspace):
    same("me", client.admins.identify().app.id_code != "", True)
    admins = client.admins.list().admins
    same("admins have names", all(admin.name and admin.email for admin in admins), True)
    same("one admin", client.admins.find(admin_id=int(admins[0].id)).id, admins[0].id)
    same("teams", len(client.teams.list().teams) > 0, True)
    same("tags", len(client.tags.list().data) > 0, True)
    same("segments", len(client.segments.list().segments) > 0, True)

    contacts = {contact["id"]: contact for contact in truth(url, workspace, "contacts")}
    listed = list(client.contacts.list(per_page=60))
    same("contacts listed", {contact.id for contact in listed}, set(contacts))
    same("contacts listed once", len(listed), len(contacts))
    lead = SingleFilterSearchRequest(field="role", operator="=", value="lead")
    found = search(client.contacts, lead, 7)
    leads = {id for id, contact in contacts.items() if contact["role"] == "lead"}
    same("leads found", {contact.id for contact in found}, leads)
    for id in list(contacts)[:20]:
        contact = client.contacts.find(id)
        same("contact", (contact.role, contact.updated_at), (contacts[id]["role"], contacts[id]["updated_at"]))
        same("tags of it", len(client.contacts.list_attached_tags(id).data), len(contacts[id]["tags"]))
    refused("unknown contact", 404, lambda: client.contacts.find("0123456789abcdef01234567"))


def check_companies(client, url, workspace):
    expected = counts(url, workspace)
    with_users = list(client.companies.list(per_page=25))
    same("companies with users", len({company.id for company in with_users}), expected["companies_with_users"])
    scrolled = list(client.companies.scroll())
    same("companies scrolled", len({company.id for company in scrolled}), expected["companies"])
    company = client.companies.find(with_users[0].id)
    attached = client.companies.list_attached_contacts(company.id)
    same("contacts of a company", attached.total_count, company.user_count)


def check_conversations(client, url, workspace):
    conversations = {talk["id"]: talk for talk in truth(url, workspace, "conversations")}
    listed = {talk.id: talk for talk in client.conversations.list(per_page=150)}
    same("conversations listed", set(listed), set(conversations))
    wanted = sorted(conversations.values(), key=lambda talk: talk["updated_at"])
    middle = wanted[len(wanted) // 2]["updated_at"]
    recent = SingleFilterSearchRequest(field="updated_at", operator=">", value=middle)
    found = search(client.conversations, recent, 33)
    later = {talk["id"] for talk in wanted if talk["updated_at"] > middle}
    same("conversations found by time", {talk.id for talk in found}, later)
    for expected in wanted[:: max(1, len(wanted) // 60)]:
        talk = client.conversations.find(int(expected["id"]))
        same("state", talk.state, expected["state"])
        shown = min(expected["parts"], 500)
        same("parts", len(talk.conversation_parts.conversation_parts), shown)
        if talk.statistics:
            same("reopens", talk.statistics.count_reopens, expected["count_reopens"])
    refused("unknown conversation", 404, lambda: client.conversations.find(215471234567890))


def main(url, token, workspace):
    client = Intercom(token=token, base_url=url)
    check_people(client, url, workspace)
    check_companies(client, url, workspace)
    check_conversations(client, url, workspace)
    refused("wrong token", 401, Intercom(token="wrong", base_url=url).admins.list)
    print("the official Python client reads all of it")


main(*sys.argv[1:])
