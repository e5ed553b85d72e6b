// Reads the simulator with Intercom's official Node client, unmodified, and compares with its truth.
//
// usage: node official_clients.mjs <simulator url> <access token> <workspace key>
// The client is looked up in the folder that INTERCOM_CLIENT_DIR names, else beside this file.

import { createRequire } from "node:module";
import path from "node:path";
import process from "node:process";

const base = process.env.INTERCOM_CLIENT_DIR ?? import.meta.dirname;
const { IntercomClient } = createRequire(path.join(path.resolve(base), "package.json"))("intercom-client");
const [url, token, workspace] = process.argv.slice(2);

async function truth(kind) {
    const answer = await fetch(`${url}/_simulator/truth/${workspace}/${kind}`);
    const text = await answer.text();
    return text.trim().split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

function same(what, found, expected) {
    const [a, b] = [found, expected].map((value) => JSON.stringify(Array.isArray(value) ? value.toSorted() : value));
    if (a !== b) {
        console.error(`${what}: the client found ${a?.slice(0, 300)}, true is ${b?.slice(0, 300)}`);
        process.exit(1);
    }
    console.log(`ok ${what}: ${Array.isArray(found) ? found.length : found}`);
}

async function all(page) {
    const items = [];
    for await (const item of await page) items.push(item);
    return items;
}

async function refused(what, status, call) {
    const outcome = await call().then(() => "an answer", (error) => error.statusCode);
    same(what, outcome, status);
}

const ids = (items) => items.map((item) => item.id);
const client = new IntercomClient({ token, baseUrl: url, maxRetries: 0 });

const me = await client.admins.identify();
same("me", typeof me.app.id_code, "string");
const { admins } = await client.admins.list();
same("one admin", (await client.admins.find({ admin_id: Number(admins[0].id) })).id, admins[0].id);

const contacts = await truth("contacts");
const users = contacts.filter((contact) => contact.role === "user");
same("contacts listed", ids(await all(client.contacts.list({ per_page: 60 }))), ids(contacts));
const query = { field: "role", operator: "=", value: "user" };
same("users found", ids(await all(client.contacts.search({ query, pagination: { per_page: 50 } }))), ids(users));
for (const expected of contacts.slice(0, 20)) {
    const contact = await client.contacts.find({ contact_id: expected.id });
    same("contact", [contact.role, contact.updated_at], [expected.role, expected.updated_at]);
}

const counts = await (await fetch(`${url}/_simulator/truth/${workspace}`)).json();
const companies = await all(client.companies.list({ per_page: 25 }));
same("companies with users", companies.length, counts.companies_with_users);
const scrolled = await all(client.companies.scroll());
same("companies scrolled", scrolled.length, counts.companies);
const company = await client.companies.find({ company_id: companies[0].id });
same("one company", company.name, companies[0].name);

const conversations = await truth("conversations");
same("conversations listed", ids(await all(client.conversations.list({ per_page: 150 }))), ids(conversations));
const middle = conversations[Math.floor(conversations.length / 2)].updated_at;
const later = conversations.filter((talk) => talk.updated_at > middle);
const search = { query: { field: "updated_at", operator: ">", value: middle }, pagination: { per_page: 33 } };
same("conversations found by time", ids(await all(client.conversations.search(search))), ids(later));
for (let at = 0; at < conversations.length; at += Math.max(1, Math.floor(conversations.length / 60))) {
    const expected = conversations[at];
    const talk = await client.conversations.find({ conversation_id: Number(expected.id) });
    same("parts", talk.conversation_parts.conversation_parts.length, Math.min(expected.parts, 500));
    same("state", talk.state, expected.state);
}

await refused("unknown contact", 404, () => client.contacts.find({ contact_id: "0123456789abcdef01234567" }));
const stranger = new IntercomClient({ token: "wrong", baseUrl: url, maxRetries: 0 });
await refused("wrong token", 401, () => stranger.admins.list());
console.log("the official Node client reads all of it");
