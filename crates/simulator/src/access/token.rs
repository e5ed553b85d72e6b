//! Codes and tokens that carry their own proof, so that a restart forgets none of them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::permission::{Permission, Permissions};

/// A well-known access token of a private app; the workspace's key stands in the middle.
#[derive(Debug)]
pub(crate) struct Fixed {
    pub(crate) kind: &'static str,
    /// What it may not do.
    pub(crate) lacks: &'static [Permission],
    pub(crate) revoked: bool,
}

pub(crate) const FIXED: &[Fixed] = &[
    Fixed {
        kind: "full",
        lacks: &[],
        revoked: false,
    },
    Fixed {
        kind: "no_conversations",
        lacks: &[Permission::ReadConversations],
        revoked: false,
    },
    Fixed {
        kind: "no_contacts",
        lacks: &[Permission::ReadUsersCompanies, Permission::ReadSingleUser],
        revoked: false,
    },
    Fixed {
        kind: "no_admins",
        lacks: &[Permission::ReadAdmins],
        revoked: false,
    },
    Fixed {
        kind: "no_tags",
        lacks: &[Permission::ReadTags],
        revoked: false,
    },
    Fixed {
        kind: "revoked",
        lacks: &[],
        revoked: true,
    },
];

/// Makes the well-known tokens as long as real ones.
const FIXED_TAIL: &str = "a1b2c3d4e5f60718293a4b5c6d7e8f90";

impl Fixed {
    pub(crate) fn token(&self, workspace: &str) -> String {
        format!("sim_{}_{workspace}_{FIXED_TAIL}", self.kind)
    }

    pub(crate) fn permissions(&self) -> Permissions {
        self.lacks
            .iter()
            .fold(Permissions::ALL, |permissions, lack| {
                permissions.without(*lack)
            })
    }
}

/// What a code stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Code {
    pub(crate) workspace: String,
    /// Unix milliseconds.
    pub(crate) issued_at_ms: i64,
    pub(crate) nonce: u64,
}

/// What a token stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Grant {
    Installed(Code),
    /// Index into [`FIXED`], and the workspace's key.
    Private(usize, String),
}

/// Makes and checks codes and tokens of one app.
#[derive(Debug)]
pub(crate) struct Minter {
    key: [u8; 8],
    client_id: String,
}

impl Minter {
    pub(crate) fn new(seed: u64, client_id: &str) -> Self {
        Self {
            key: seed.to_be_bytes(),
            client_id: client_id.to_owned(),
        }
    }

    /// Ends in one `=`, which has to survive the way to the exchange.
    pub(crate) fn code(&self, code: &Code) -> String {
        let mut text = self.seal("code", code);
        while text.len() % 3 != 2 {
            text.push('.');
        }
        URL_SAFE.encode(text)
    }

    pub(crate) fn read_code(&self, text: &str) -> Option<Code> {
        let text = String::from_utf8(URL_SAFE.decode(text).ok()?).ok()?;
        self.open("code", text.trim_end_matches('.'))
    }

    /// The token a code is exchanged for, always the same.
    pub(crate) fn token(&self, code: &Code) -> String {
        format!("simtok_{}", self.seal("token", code))
    }

    pub(crate) fn read_token(&self, text: &str) -> Option<Grant> {
        if let Some(sealed) = text.strip_prefix("simtok_") {
            return self.open("token", sealed).map(Grant::Installed);
        }
        let middle = text
            .strip_prefix("sim_")?
            .strip_suffix(FIXED_TAIL)?
            .strip_suffix('_')?;
        let (kind, workspace) = middle.rsplit_once('_')?;
        let fixed = FIXED.iter().position(|fixed| fixed.kind == kind)?;
        Some(Grant::Private(fixed, workspace.to_owned()))
    }

    fn seal(&self, purpose: &str, code: &Code) -> String {
        let Code {
            workspace,
            issued_at_ms,
            nonce,
        } = code;
        let content = format!("{workspace}_{issued_at_ms:x}_{nonce:016x}");
        let proof = self.proof(purpose, &content);
        format!("{content}_{proof}")
    }

    fn open(&self, purpose: &str, text: &str) -> Option<Code> {
        let (content, proof) = text.rsplit_once('_')?;
        if proof != self.proof(purpose, content) {
            return None;
        }
        let mut fields = content.split('_');
        let workspace = fields.next()?.to_owned();
        let issued_at_ms = i64::from_str_radix(fields.next()?, 16).ok()?;
        let nonce = u64::from_str_radix(fields.next()?, 16).ok()?;
        Some(Code {
            workspace,
            issued_at_ms,
            nonce,
        })
    }

    fn proof(&self, purpose: &str, content: &str) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.key) else {
            return String::new();
        };
        for field in [purpose, "\0", &self.client_id, "\0", content] {
            mac.update(field.as_bytes());
        }
        hex::encode(&mac.finalize().into_bytes()[..16])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(nonce: u64) -> Code {
        Code {
            workspace: "demo".to_owned(),
            issued_at_ms: 1_800_000_000_000,
            nonce,
        }
    }

    #[test]
    fn a_restarted_simulator_knows_its_codes_and_tokens() {
        for nonce in [0, 1, 77, u64::MAX] {
            let before = Minter::new(5, "app");
            let after = Minter::new(5, "app");
            let written = before.code(&code(nonce));
            assert!(
                written.ends_with('=') && !written.ends_with("=="),
                "{written}"
            );
            assert_eq!(after.read_code(&written), Some(code(nonce)));
            let grant = after.read_token(&before.token(&code(nonce)));
            assert_eq!(grant, Some(Grant::Installed(code(nonce))));
        }
    }

    #[test]
    fn another_app_or_seed_or_purpose_is_refused() {
        let minter = Minter::new(5, "app");
        let token = minter.token(&code(1));
        assert_eq!(Minter::new(6, "app").read_token(&token), None);
        assert_eq!(Minter::new(5, "other").read_token(&token), None);
        let sealed = token.strip_prefix("simtok_").unwrap();
        assert_eq!(minter.read_code(sealed), None);
        assert_eq!(minter.read_token(&token[..token.len() - 1]), None);
    }

    #[test]
    fn well_known_tokens_name_their_workspace() {
        let minter = Minter::new(5, "app");
        for (index, fixed) in FIXED.iter().enumerate() {
            let grant = minter.read_token(&fixed.token("demo"));
            assert_eq!(grant, Some(Grant::Private(index, "demo".to_owned())));
        }
    }
}
