use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{ReadError, Reader, answer, escaped};
use crate::{
    Response, Transport, lenient,
    models::{Admin, Attribute, AttributeModel, Company, Contact, Segment, Tag, Team},
    structure::Veiled,
};

/// Where a list goes on; opaque, and good for the same query alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(String);

impl Cursor {
    /// Takes a cursor as it was stored.
    pub fn from_stored(cursor: impl Into<String>) -> Self {
        Self(cursor.into())
    }

    /// The cursor as it is stored and sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A slice of a list.
#[derive(Clone, Debug)]
pub struct Page<M> {
    /// The readable members.
    pub items: Vec<M>,
    /// How many members could not be read, because they name no id.
    pub unreadable: u32,
    /// Where the list goes on; none at its end.
    pub next: Option<Cursor>,
    /// Number of the next page in lists that are paged by number; none at their end.
    pub next_number: Option<u32>,
    /// Members over all pages, as Intercom counts now.
    pub total: Option<u64>,
    /// Intercom's id of the request.
    pub request_id: Option<String>,
}

/// A slice of a scroll. An empty one is the end.
#[derive(Clone, Debug)]
pub struct ScrollPage {
    /// The readable companies.
    pub items: Vec<Company>,
    /// How many could not be read, because they name no id.
    pub unreadable: u32,
    /// What the next call has to name.
    pub next: Option<Cursor>,
}

#[derive(Deserialize)]
#[serde(bound = "M: Deserialize<'de>")]
struct List<M> {
    #[serde(
        default,
        alias = "conversations",
        alias = "admins",
        alias = "teams",
        alias = "tags",
        alias = "segments",
        alias = "companies",
        deserialize_with = "present"
    )]
    data: Option<Vec<M>>,
    #[serde(default, deserialize_with = "lenient::object")]
    pages: Option<Pages>,
    #[serde(default, deserialize_with = "lenient::count")]
    total_count: Option<u64>,
    #[serde(default, deserialize_with = "lenient::words")]
    scroll_param: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Pages {
    #[serde(deserialize_with = "next")]
    next: Next,
}

/// What `pages` says of the next page.
#[derive(Default)]
enum Next {
    #[default]
    None,
    Cursor(String),
    Number(u32),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct MergeHistory {
    #[serde(deserialize_with = "lenient::list")]
    data: Vec<Merge>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Merge {
    #[serde(rename = "source_contact_id", deserialize_with = "lenient::id")]
    source: String,
}

fn present<'de, D: Deserializer<'de>, M: Deserialize<'de>>(
    from: D,
) -> Result<Option<Vec<M>>, D::Error> {
    lenient::list(from).map(Some)
}

/// An object with `starting_after`; a URL with `page` in lists that are paged by number.
fn next<'de, D: Deserializer<'de>>(from: D) -> Result<Next, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::Object(mut next) => match next.remove("starting_after") {
            Some(Value::String(cursor)) if !cursor.is_empty() => Next::Cursor(cursor),
            _ => Next::None,
        },
        Value::String(url) => page_number(&url).map_or(Next::None, Next::Number),
        _ => Next::None,
    })
}

fn page_number(url: &str) -> Option<u32> {
    let (_, query) = url.split_once('?')?;
    let number = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("page="))?;
    number.parse().ok()
}

impl<S> List<S> {
    fn map<M>(self, to: impl FnMut(S) -> M) -> List<M> {
        List {
            data: self.data.map(|all| all.into_iter().map(to).collect()),
            pages: self.pages,
            total_count: self.total_count,
            scroll_param: self.scroll_param,
        }
    }
}

impl<M: Identified> List<M> {
    fn into_page(self, response: Response) -> Result<Page<M>, ReadError> {
        let all = self
            .data
            .ok_or_else(|| answer::lacking(&response, "list"))?;
        let given = all.len();
        let items: Vec<M> = all
            .into_iter()
            .filter(|item| !item.id().is_empty())
            .collect();
        let (next, next_number) = match self.pages.map(|pages| pages.next).unwrap_or_default() {
            Next::None => (None, None),
            Next::Cursor(cursor) => (Some(Cursor(cursor)), None),
            Next::Number(number) => (None, Some(number)),
        };
        Ok(Page {
            unreadable: u32::try_from(given - items.len()).unwrap_or(u32::MAX),
            items,
            next,
            next_number,
            total: self.total_count,
            request_id: response.request_id,
        })
    }
}

/// A model with an id of Intercom's.
pub(super) trait Identified {
    fn id(&self) -> &str;
}

macro_rules! identified {
    ($($model:ty),+) => {$(
        impl Identified for $model {
            fn id(&self) -> &str {
                &self.id
            }
        }
    )+};
}
identified!(
    Admin,
    Company,
    Contact,
    crate::models::Conversation,
    crate::models::FoundConversation,
    Segment,
    Tag,
    Team
);

impl Identified for Attribute {
    fn id(&self) -> &str {
        self.key()
    }
}

impl<T: Transport> Reader<T> {
    /// Most members of a page, for every list and search.
    pub const PAGE_SIZE: u32 = 150;

    /// Every admin, bots included.
    pub async fn admins(&self) -> Result<Vec<Admin>, ReadError> {
        self.whole("/admins".to_owned()).await
    }

    /// Every team.
    pub async fn teams(&self) -> Result<Vec<Team>, ReadError> {
        self.whole("/teams".to_owned()).await
    }

    /// Every tag.
    pub async fn tags(&self) -> Result<Vec<Tag>, ReadError> {
        self.whole("/tags".to_owned()).await
    }

    /// Every segment; none where structure alone was invited.
    pub async fn segments(&self) -> Result<Vec<Segment>, ReadError> {
        if self.is_veiled() {
            return Ok(Vec::new());
        }
        self.whole("/segments".to_owned()).await
    }

    /// The definitions of every attribute of a model. Those of conversations have a list of their own since 2.16, and the
    /// other list refuses them. None where structure alone was invited.
    pub async fn attributes(&self, model: AttributeModel) -> Result<Vec<Attribute>, ReadError> {
        if self.is_veiled() {
            return Ok(Vec::new());
        }
        let path = match model {
            AttributeModel::Conversation => "/conversations/attributes".to_owned(),
            model => format!("/data_attributes?model={}", model.as_str()),
        };
        self.whole(path).await
    }

    /// A slice of all contacts.
    pub async fn contacts(&self, after: Option<&Cursor>) -> Result<Page<Contact>, ReadError> {
        self.page(self.paged("/contacts", Self::PAGE_SIZE, after)?)
            .await
    }

    /// One contact. A merged one answers [`ReadError::Merged`].
    pub async fn contact(&self, id: &str) -> Result<Contact, ReadError> {
        let path = format!("/contacts/{}", escaped(&self.raw_id(id)?));
        let asked = self.object(path).await;
        let (contact, response): (Contact, _) = asked.map_err(|error| self.shown(error))?;
        if contact.id.is_empty() {
            return Err(answer::lacking(&response, "id"));
        }
        Ok(contact)
    }

    /// One company.
    pub async fn company(&self, id: &str) -> Result<Company, ReadError> {
        let (company, response): (Company, _) =
            self.object(format!("/companies/{}", escaped(id))).await?;
        if company.id.is_empty() {
            return Err(answer::lacking(&response, "id"));
        }
        Ok(company)
    }

    /// Ids of the latest contacts that this one absorbed, at most a page of them.
    pub async fn absorbed_contacts(&self, id: &str) -> Result<Vec<String>, ReadError> {
        let size = Self::PAGE_SIZE;
        let raw_id = self.raw_id(id)?;
        let path = format!(
            "/contacts/{}/merge_history?per_page={size}",
            escaped(&raw_id)
        );
        let asked = self.read(path).await;
        let (history, _): (MergeHistory, _) = asked.map_err(|error| self.shown(error))?;
        let sources = history.data.into_iter().map(|merge| merge.source);
        let known = sources.filter(|id| !id.is_empty());
        Ok(known.map(|id| self.shown_id(id)).collect())
    }

    /// Every tag of a contact, also beyond the ten that the contact shows.
    pub async fn tags_of_contact(&self, id: &str) -> Result<Vec<Tag>, ReadError> {
        let id = self.raw_id(id)?;
        self.followed(&format!("/contacts/{}/tags", escaped(&id)))
            .await
    }

    /// Ids of every company of a contact, also beyond the ten that the contact shows.
    pub async fn companies_of_contact(&self, id: &str) -> Result<Vec<Company>, ReadError> {
        let id = self.raw_id(id)?;
        self.followed(&format!("/contacts/{}/companies", escaped(&id)))
            .await
    }

    /// A slice of the companies that have people, by number from 1. The list stops at 10,000 companies with a refusal.
    pub async fn companies(&self, number: u32) -> Result<Page<Company>, ReadError> {
        /// The largest that is taken here.
        const PAGE_SIZE: u32 = 60;
        self.page(format!("/companies?per_page={PAGE_SIZE}&page={number}"))
            .await
    }

    /// Begins the workspace's only scroll over all companies, or goes on with it.
    pub async fn scroll_companies(&self, scroll: Option<&Cursor>) -> Result<ScrollPage, ReadError> {
        let path = match scroll {
            None => "/companies/scroll".to_owned(),
            Some(scroll) => format!(
                "/companies/scroll?scroll_param={}",
                escaped(&self.opened(scroll)?)
            ),
        };
        let response = self.get(path).await?;
        let mut list: List<Company> = self.list(&response)?;
        let next = list.scroll_param.take().map(|place| self.sealed(place));
        let Page {
            items, unreadable, ..
        } = list.into_page(response)?;
        Ok(ScrollPage {
            items,
            unreadable,
            next,
        })
    }

    async fn whole<M: Identified + Veiled>(&self, path: String) -> Result<Vec<M>, ReadError> {
        Ok(self.page(path).await?.items)
    }

    async fn page<M: Identified + Veiled>(&self, path: String) -> Result<Page<M>, ReadError> {
        self.page_of(self.get(path).await?)
    }

    /// The slice that an answer holds.
    pub(super) fn page_of<M: Identified + Veiled>(
        &self,
        response: Response,
    ) -> Result<Page<M>, ReadError> {
        let page = self.list::<M>(&response)?.into_page(response)?;
        Ok(Page {
            next: page.next.map(|Cursor(place)| self.sealed(place)),
            ..page
        })
    }

    fn list<M: Veiled>(&self, response: &Response) -> Result<List<M>, ReadError> {
        let Some(veil) = &self.veil else {
            return answer::read(response);
        };
        let structures: List<M::Structure> = answer::read(response)?;
        Ok(structures.map(|structure| M::veiled(structure, veil)))
    }

    /// Reads a sub-list to its end, however Intercom pages it.
    async fn followed<M: Identified + Veiled>(&self, path: &str) -> Result<Vec<M>, ReadError> {
        /// A contact has at most 1,000 companies.
        const MOST_PAGES: usize = 20;
        /// The largest that is known to be taken here.
        const PAGE_SIZE: u32 = 60;
        let mut found = Vec::new();
        let mut asked = self.paged(path, PAGE_SIZE, None)?;
        for _ in 0..MOST_PAGES {
            let page: Page<M> = self.page(asked.clone()).await?;
            found.extend(page.items);
            let next = match (page.next, page.next_number) {
                (Some(next), _) => self.paged(path, PAGE_SIZE, Some(&next))?,
                (None, Some(number)) => format!("{path}?per_page={PAGE_SIZE}&page={number}"),
                (None, None) => break,
            };
            if next == asked {
                break;
            }
            asked = next;
        }
        Ok(found)
    }

    /// The path of a list from `after` on.
    fn paged(&self, path: &str, size: u32, after: Option<&Cursor>) -> Result<String, ReadError> {
        Ok(match after {
            None => format!("{path}?per_page={size}"),
            Some(cursor) => format!(
                "{path}?per_page={size}&starting_after={}",
                escaped(&self.opened(cursor)?)
            ),
        })
    }

    /// `pagination` of a search.
    pub(super) fn pagination(&self, size: u32, after: Option<&Cursor>) -> Result<Value, ReadError> {
        Ok(match after {
            None => serde_json::json!({ "per_page": size }),
            Some(cursor) => {
                serde_json::json!({ "per_page": size, "starting_after": self.opened(cursor)? })
            }
        })
    }

    /// A place in a list as the caller may keep it. Intercom makes it of ids.
    fn sealed(&self, place: String) -> Cursor {
        Cursor(match &self.veil {
            None => place,
            Some(veil) => veil.seal(&place),
        })
    }

    /// A place in a list as Intercom gave it.
    fn opened(&self, Cursor(kept): &Cursor) -> Result<String, ReadError> {
        let Some(veil) = &self.veil else {
            return Ok(kept.clone());
        };
        veil.open(kept).ok_or_else(|| ReadError::Rejected {
            status: 400,
            code: "place_does_not_open".to_owned(),
            request_id: None,
        })
    }
}
