use std::borrow::Cow;

/// Longest entity that is looked for, `&thetasym;` and the like included.
const LONGEST: usize = 12;

/// Replaces each HTML entity by its character, once: `&amp;lt;` becomes `&lt;`.
pub(crate) fn unescape(escaped: &str) -> Cow<'_, str> {
    let Some(first) = escaped.find('&') else {
        return escaped.into();
    };
    let mut plain = String::with_capacity(escaped.len());
    plain.push_str(&escaped[..first]);
    let mut rest = &escaped[first..];
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let entity = rest
            .bytes()
            .take(LONGEST)
            .position(|byte| byte == b';')
            .and_then(|end| Some((character(&rest[1..end])?, end + 1)));
        let (character, length) = entity.unwrap_or(('&', 1));
        plain.push(character);
        rest = &rest[length..];
    }
    plain.push_str(rest);
    plain.into()
}

fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).filter(|character| *character != '\0');
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "hellip" => '…',
        "ndash" => '–',
        "mdash" => '—',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        "bull" => '•',
        "middot" => '·',
        "copy" => '©',
        "reg" => '®',
        "trade" => '™',
        "euro" => '€',
        "pound" => '£',
        "auml" => 'ä',
        "ouml" => 'ö',
        "uuml" => 'ü',
        "Auml" => 'Ä',
        "Ouml" => 'Ö',
        "Uuml" => 'Ü',
        "szlig" => 'ß',
        "eacute" => 'é',
        "egrave" => 'è',
        "agrave" => 'à',
        "ccedil" => 'ç',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_unescaped_once() {
        for (escaped, plain) in [
            ("O&#39;Brien", "O'Brien"),
            ("Smith &amp; Sons", "Smith & Sons"),
            ("&amp;lt;", "&lt;"),
            ("&#x1F600;", "😀"),
            ("a & b", "a & b"),
            ("&unknown; &", "&unknown; &"),
            ("&#0;&#xD800;", "&#0;&#xD800;"),
            ("&ü;", "&ü;"),
            ("", ""),
        ] {
            assert_eq!(unescape(escaped), plain, "{escaped}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_unescaped_without_panic(text in "[&;#xa-z0-9ü ]{0,40}") {
            let _ = unescape(&text);
        }

        #[test]
        fn text_without_an_ampersand_stays(text in "[^&]{0,40}") {
            prop_assert_eq!(unescape(&text), text.as_str());
        }
    }
}
