use super::entities::unescape;

/// Elements by which a body shows that it is HTML.
const KNOWN: &[&str] = &[
    "a",
    "article",
    "b",
    "blockquote",
    "body",
    "br",
    "center",
    "code",
    "dd",
    "div",
    "dl",
    "dt",
    "em",
    "figure",
    "font",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "i",
    "iframe",
    "img",
    "li",
    "meta",
    "ol",
    "p",
    "pre",
    "s",
    "script",
    "section",
    "small",
    "span",
    "strong",
    "style",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "title",
    "tr",
    "u",
    "ul",
    "video",
];

/// Elements after and before which a line ends.
const BLOCKS: &[&str] = &[
    "article",
    "blockquote",
    "br",
    "dd",
    "div",
    "dl",
    "dt",
    "figure",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "tr",
    "ul",
];

/// Elements whose content nobody reads.
const UNSEEN: &[&str] = &["head", "script", "style", "title"];

/// The text of a body, which may be HTML or already plain (both occur, by API version and by channel).
///
/// Lines follow the markup's blocks; a link becomes `label (address)` unless both are the same; entities are resolved
/// only in what is HTML.
pub fn plain(body: &str) -> String {
    let body = super::without_nul(body);
    if !is_html(&body) {
        return body.trim().to_owned();
    }
    let mut page = Page {
        written: String::with_capacity(body.len()),
        ..Page::default()
    };
    let mut rest = body.as_ref();
    while let Some(at) = rest.find('<') {
        page.text(&rest[..at]);
        rest = &rest[at..];
        rest = match tag(rest) {
            Some((tag, length)) => {
                let after = &rest[length..];
                if tag.opens && UNSEEN.contains(&tag.name) {
                    skip_past_end_of(tag.name, after)
                } else {
                    page.tag(&tag);
                    after
                }
            }
            None if rest.starts_with("<!--") => rest.find("-->").map_or("", |end| &rest[end + 3..]),
            None => {
                page.text("<");
                &rest[1..]
            }
        };
    }
    page.text(rest);
    page.finish()
}

fn is_html(body: &str) -> bool {
    body.match_indices('<')
        .any(|(at, _)| tag(&body[at..]).is_some())
}

struct Tag<'a> {
    name: &'static str,
    opens: bool,
    href: Option<&'a str>,
}

/// The known element that begins here, and how many bytes its tag has.
fn tag(text: &str) -> Option<(Tag<'_>, usize)> {
    let inner = text.strip_prefix('<')?;
    let (opens, inner) = inner
        .strip_prefix('/')
        .map_or((true, inner), |inner| (false, inner));
    let name_length = inner.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let name = known(&inner[..name_length])?;
    let attributes = &inner[name_length..];
    if !attributes.starts_with(['>', '/', ' ', '\t', '\n', '\r']) {
        return None;
    }
    let end = end_of_tag(attributes)?;
    let href = (opens && name == "a")
        .then(|| href(&attributes[..end]))
        .flatten();
    let length = text.len() - attributes.len() + end + 1;
    Some((Tag { name, opens, href }, length))
}

fn known(name: &str) -> Option<&'static str> {
    let mut same = KNOWN
        .iter()
        .filter(|known| known.eq_ignore_ascii_case(name));
    same.next().copied()
}

/// Where the tag's `>` stands, quoted ones passed over.
fn end_of_tag(attributes: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in attributes.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    // An unbalanced quote: the first `>` has to do.
    attributes.find('>')
}

fn href(attributes: &str) -> Option<&str> {
    let value = &attributes[attributes.find("href=")? + 5..];
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let value = &value[1..];
    Some(&value[..value.find(quote)?])
}

fn skip_past_end_of<'a>(name: &str, text: &'a str) -> &'a str {
    text.match_indices("</")
        .find_map(|(at, _)| {
            let (tag, length) = tag(&text[at..])?;
            (tag.name == name).then(|| &text[at + length..])
        })
        .unwrap_or("")
}

/// What has been read, as lines without white space of the markup.
#[derive(Default)]
struct Page {
    written: String,
    /// Address of the link that is open, and where its label begins.
    link: Option<(String, usize)>,
    /// White space has been read that counts once text follows.
    space: bool,
    /// A block ended or began since the last text.
    line_ended: bool,
}

impl Page {
    fn text(&mut self, escaped: &str) {
        for (at, word) in escaped.split(|c: char| c.is_ascii_whitespace()).enumerate() {
            self.space |= at > 0;
            if word.is_empty() {
                continue;
            }
            if !self.written.is_empty() {
                if self.line_ended {
                    self.written.push('\n');
                } else if self.space {
                    self.written.push(' ');
                }
            }
            self.line_ended = false;
            self.space = false;
            self.written.push_str(&unescape(word));
        }
    }

    fn tag(&mut self, tag: &Tag<'_>) {
        if BLOCKS.contains(&tag.name) {
            self.line_ended = true;
        } else if matches!(tag.name, "td" | "th") {
            self.space = true;
        } else if tag.name == "a" {
            self.close_link();
            let address = tag.href.map(|href| unescape(href).into_owned());
            self.link = address.map(|address| (address, self.written.len()));
        }
    }

    fn close_link(&mut self) {
        let Some((address, label_from)) = self.link.take() else {
            return;
        };
        let label = self.written[label_from..].trim();
        let bare = address.trim_start_matches("mailto:");
        if !label.is_empty() && label != address && label != bare && !address.starts_with('#') {
            self.written.push_str(" (");
            self.written.push_str(bare);
            self.written.push(')');
        }
    }

    fn finish(mut self) -> String {
        self.close_link();
        let trimmed = self.written.trim();
        if trimmed.len() < self.written.len() {
            return trimmed.to_owned();
        }
        // What is mostly markup must not hold its room for as long as the text lives.
        if self.written.capacity() / 2 > self.written.len() {
            self.written.shrink_to_fit();
        }
        self.written
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_body_becomes_the_text_that_people_read() {
        for (body, expected) in [
            ("<p>Hi there</p>", "Hi there"),
            ("<p class=\"no-margin\">One</p>\n<p>Two</p>", "One\nTwo"),
            ("<p>Tom &amp; Jerry</p>", "Tom & Jerry"),
            ("<p>a<br>b<br/>c</p>", "a\nb\nc"),
            ("<p>very <b>bold</b>ly</p>", "very boldly"),
            ("<ul><li>one</li><li>two</li></ul>", "one\ntwo"),
            (
                "<p>See <a href=\"https://x.io/a?b=1&amp;c=2\">docs</a> now</p>",
                "See docs (https://x.io/a?b=1&c=2) now",
            ),
            (
                "<p><a href=\"https://x.io\">https://x.io</a></p>",
                "https://x.io",
            ),
            ("<style>p { color: red }</style><p>text</p>", "text"),
            ("<script>alert('</p>')</script>after", "after"),
            (
                "<div class=\"intercom-container\"><img src=\"https://x/y.png\"></div>",
                "",
            ),
            ("<p>3 < 4 and a <- b</p>", "3 < 4 and a <- b"),
            ("<p title=\"a > b\">x</p>", "x"),
            ("<!-- hidden --><p>x</p>", "x"),
            ("<p>one\n   two</p>", "one two"),
            ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
            ("<p>&nbsp;</p>", ""),
        ] {
            assert_eq!(plain(body), expected, "{body}");
        }
    }

    #[test]
    fn a_text_holds_no_room_of_its_markup() {
        let body = format!("<p style=\"{}\">word</p>", "x".repeat(100_000));
        let text = plain(&body);
        assert_eq!(text, "word");
        assert!(text.capacity() <= 2 * text.len(), "{}", text.capacity());
    }

    #[test]
    fn a_plain_body_stays_as_it_is() {
        for (body, expected) in [
            ("Hi there", "Hi there"),
            ("a < b, c > d &amp; so on", "a < b, c > d &amp; so on"),
            ("Vec<String>", "Vec<String>"),
            ("  line\n\nline  ", "line\n\nline"),
            ("nul\0nul", "nulnul"),
            ("", ""),
        ] {
            assert_eq!(plain(body), expected, "{body}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(body in "(<|/|>|p|a|br|script|!--|-->| href=|\"|'|&|amp;|ü|x| |\\n){0,60}") {
            let text = plain(&body);
            prop_assert!(!text.contains('\0'));
        }

        #[test]
        fn words_of_a_paragraph_survive(words in prop::collection::vec("[a-z]{1,8}", 1..8)) {
            let body = format!("<p>{}</p>", words.join(" "));
            prop_assert_eq!(plain(&body), words.join(" "));
        }
    }
}
