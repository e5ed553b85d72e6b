//! The words of a message, as HTML and as plain text.

use super::conversations::Conversation;
use super::names::escape_html;
use super::timeline::Words;
use super::topics::{self, Topic};

impl Conversation<'_> {
    /// What was said, as Intercom shows it: HTML.
    pub(crate) fn html(&self, words: &Words) -> String {
        let topic = Topic::number(self.topic);
        let line = match words {
            Words::Opener(which) => choose(topic.openers, *which),
            Words::FollowUp(which) => choose(topic.follow_ups, *which),
            Words::Answer(which) => choose(topic.answers, *which),
            Words::BotAnswer => topic.bot.0,
            Words::BotHandover => "I am connecting you with a teammate who can help.",
            Words::Thanks(which) => choose(topics::THANKS, *which),
            Words::StillBroken(which) => choose(topics::STILL_BROKEN, *which),
            Words::Note(which) => choose(topics::NOTES, *which),
            Words::Closing(which) => choose(topics::CLOSINGS, *which),
            Words::Outbound(which) => choose(topics::OUTBOUND, *which),
            Words::Remark(which) => choose(topics::REMARKS, *which),
            Words::Given(html) => return html.to_string(),
        };
        if !line.contains('{') {
            return format!("<p>{line}</p>");
        }
        let name = self.customers[0].name.as_deref().unwrap_or("there");
        let first = name.split(' ').next().unwrap_or(name);
        let company = self
            .company()
            .map_or_else(|| "our company".to_owned(), |company| company.name());
        let line = line.replace("{name}", &escape_html(first));
        format!(
            "<p>{}</p>",
            line.replace("{company}", &escape_html(&company))
        )
    }

    /// What was said, without marks.
    pub(crate) fn plain(&self, words: &Words) -> String {
        plain_text(&self.html(words))
    }
}

fn choose(lines: &'static [&'static str], which: u8) -> &'static str {
    lines[usize::from(which) % lines.len()]
}

/// The subject line of a topic.
pub(crate) fn title(topic: u8) -> &'static str {
    Topic::number(topic).subject
}

/// The article the bot answers from.
pub(crate) fn article(topic: u8) -> &'static str {
    Topic::number(topic).bot.1
}

/// HTML as `display_as=plaintext` gives it: tags dropped, links as `label (url)`.
pub(crate) fn plain_text(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut link: Option<&str> = None;
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        text.push_str(&rest[..start]);
        let Some(length) = rest[start..].find('>') else {
            break;
        };
        let tag = &rest[start + 1..start + length];
        if let Some(href) = tag.strip_prefix("a href=\"") {
            link = href.split('"').next();
        } else if tag == "/a" {
            if let Some(url) = link.take() {
                text.push_str(" (");
                text.push_str(url);
                text.push(')');
            }
        } else if matches!(tag, "br" | "br/" | "br /") || (tag == "p" && !text.is_empty()) {
            text.push('\n');
        }
        rest = &rest[start + length + 1..];
    }
    text.push_str(rest);
    unescape(&text)
}

fn unescape(text: &str) -> String {
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ]
    .into_iter()
    .fold(text.to_owned(), |text, (mark, letter)| {
        text.replace(mark, letter)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_keeps_words_and_links() {
        let html =
            "<p>Tom &amp; Jo: see <a href=\"https://x.example/a\">this page</a>.</p><p>Bye</p>";
        assert_eq!(
            plain_text(html),
            "Tom & Jo: see this page (https://x.example/a).\nBye"
        );
    }

    #[test]
    fn what_looks_like_a_double_escape_is_undone_once() {
        assert_eq!(plain_text("<p>&amp;lt;</p>"), "&lt;");
    }
}
