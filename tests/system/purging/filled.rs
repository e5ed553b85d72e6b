use harken_domain::{ConnectionId, OrganizationId};
use sqlx::{AssertSqlSafe, PgConnection};

/// Stands in every text of what is filled in.
pub(super) const CANARY: &str = "PurgeCanary7f3a";

/// A connection whose tables are filled as an import and a life of notifications fill them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Filled {
    pub(super) organization: OrganizationId,
    pub(super) connection: ConnectionId,
}

/// One statement for each table. `$c` and `$o` are the ids, `$n` the number of contacts, `$t` a text.
const STATEMENTS: [&str; 15] = [
    "INSERT INTO sync.contacts (connection_id, external_id, customer_id, is_customer, contact_role, email, name, tags,
         metadata, company_external_ids, content_hash, mirrored_at)
     SELECT $c, 'x' || n, gen_random_uuid(), true, 'user', n || '@$t.example', '$t ' || n, '{}', '{}', '{}', '', now()
     FROM generate_series(1, $n) AS n",
    "INSERT INTO sync.conversations (connection_id, external_id, conversation_id, customer_ids, contact_external_ids,
         status, title, updated_at, reopen_count, assignment_count, tags, parts_held, parts_complete, content_hash,
         mirrored_at)
     SELECT $c, 'x' || n, gen_random_uuid(), '{}', ARRAY['x' || n], 'open', '$t', now(), 0, 0, '{}', 2, true, '', now()
     FROM generate_series(1, $n / 2) AS n",
    "INSERT INTO sync.parts (connection_id, conversation_external_id, external_id, part_type, author_kind,
         is_visible_message, is_reopening, body)
     SELECT $c, 'x' || n / 2, 'p' || n, 'comment', 'contact', true, false, '$t'
     FROM generate_series(1, $n) AS n",
    "INSERT INTO sync.companies (connection_id, external_id, name, content_hash, changed_by, mirrored_at)
     SELECT $c, 'x' || n, '$t', '', gen_random_uuid(), now() FROM generate_series(1, 500) AS n",
    "INSERT INTO sync.tags (connection_id, external_id, name) VALUES ($c, 'x1', '$t')",
    "INSERT INTO sync.admins (connection_id, external_id, name, email) VALUES ($c, 'x1', '$t', '$t')",
    "INSERT INTO sync.tombstones (connection_id, kind, external_id, buried_at)
     SELECT $c, 'contact', 'gone' || n, now() FROM generate_series(1, 300) AS n",
    "INSERT INTO sync.contact_aliases (connection_id, external_id, survivor_external_id)
     SELECT $c, 'merged' || n, 'x' || n FROM generate_series(1, 200) AS n",
    "INSERT INTO scoring.customers (organization_id, customer_id, connection_id, external_id, is_customer, contact_role,
         name, email, revision)
     SELECT $o, customer_id, connection_id, external_id, true, contact_role, name, email, revision
     FROM sync.contacts WHERE connection_id = $c AND external_id LIKE 'x%'",
    "INSERT INTO scoring.scores (organization_id, customer_id, connection_id, coverage, configuration_version, as_of,
         trigger, revision)
     SELECT organization_id, customer_id, connection_id, 0, 0, now(), 'record_changed', 0
     FROM scoring.customers WHERE connection_id = $c AND external_id LIKE 'x%'",
    "INSERT INTO scoring.score_history (organization_id, customer_id, revision, connection_id, coverage,
         configuration_version, as_of, trigger, reason)
     SELECT organization_id, customer_id, 1, connection_id, 0, 0, now(), 'record_changed', '$t'
     FROM scoring.customers WHERE connection_id = $c AND external_id LIKE 'x%'",
    "INSERT INTO scoring.conversation_signals (connection_id, conversation_id, revision, status, updated_at,
         parts_complete, reopened_at, reopen_count, unanswered_by_parts)
     SELECT connection_id, conversation_id, 1, 'open', now(), true, '{}', 0, false
     FROM sync.conversations WHERE connection_id = $c AND external_id LIKE 'x%'",
    "INSERT INTO scoring.conversation_customers (connection_id, customer_id, conversation_id)
     SELECT connection_id, gen_random_uuid(), conversation_id FROM sync.conversations
     WHERE connection_id = $c AND external_id LIKE 'x%'",
    // Set aside: the bus will never take it.
    "INSERT INTO ingress.spool (message_id, connection_id, message, spooled_at, set_aside_at)
     SELECT gen_random_uuid()::text, $c, convert_to('$t', 'UTF8'), now(), now() FROM generate_series(1, 50) AS n",
    "INSERT INTO ingress.delivery_hours (connection_id, hour, organization_id)
     SELECT $c, date_trunc('hour', now()) - make_interval(hours => n), $o FROM generate_series(2, 150) AS n",
];

impl Filled {
    /// A connection of another organization.
    pub(super) fn neighbour() -> Self {
        Self {
            organization: OrganizationId::derive(&[b"a neighbour"]),
            connection: ConnectionId::derive(&[b"a neighbour's"]),
        }
    }

    fn is_neighbour(self) -> bool {
        self.connection == Self::neighbour().connection
    }

    pub(super) async fn fill(self, db: &mut PgConnection, contacts: i64) {
        let text = if self.is_neighbour() {
            "Neighbour"
        } else {
            CANARY
        };
        for statement in STATEMENTS {
            let statement = statement
                .replace("$c", &format!("'{}'::uuid", self.connection.as_uuid()))
                .replace("$o", &format!("'{}'::uuid", self.organization.as_uuid()))
                .replace("$n", &contacts.to_string())
                .replace("$t", text);
            let filled = sqlx::raw_sql(AssertSqlSafe(statement.clone()))
                .execute(&mut *db)
                .await;
            filled.unwrap_or_else(|cause| panic!("{cause}: {statement}"));
        }
    }

    /// Time moves no score from here on, so that what is there can be counted.
    pub(super) async fn stand_still(self, db: &mut PgConnection) {
        sqlx::query("UPDATE scoring.scores SET next_evaluation_at = NULL WHERE connection_id = $1")
            .bind(self.connection.as_uuid())
            .execute(db)
            .await
            .unwrap();
    }

    /// Rows and a hash of them all, of each table that was filled.
    pub(super) async fn fingerprint(self, db: &mut PgConnection) -> Vec<(String, i64, String)> {
        let mut prints = Vec::new();
        for statement in STATEMENTS {
            let table = statement.split(' ').nth(2).unwrap();
            let print = format!(
                "SELECT '{table}', count(*), md5(string_agg(md5(r::text), '' ORDER BY md5(r::text)))
                 FROM {table} AS r WHERE connection_id = '{}'",
                self.connection.as_uuid()
            );
            let print = sqlx::query_as(AssertSqlSafe(print))
                .fetch_one(&mut *db)
                .await;
            prints.push(print.unwrap());
        }
        prints
    }
}
