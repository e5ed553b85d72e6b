//! What a service says, begun and ended as a sentence.

/// The words with a capital and a full stop. What begins with the name of a field, `email: is taken`, keeps its case.
pub(crate) fn sentence(words: &str) -> String {
    let words = words.trim();
    let names_a_field = words
        .split_once(": ")
        .is_some_and(|(field, _)| !field.contains(' '));
    let mut letters = words.chars();
    let mut sentence = match letters.next() {
        Some(first) if !names_a_field => first.to_uppercase().chain(letters).collect(),
        _ => words.to_owned(),
    };
    if !sentence.is_empty() && !sentence.ends_with(['.', '?', '…']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_a_sentence_and_fields_keep_their_case() {
        for (words, whole) in [
            ("", ""),
            ("the token died", "The token died."),
            ("Is it? ", "Is it?"),
            ("email: is taken", "email: is taken."),
            ("élan", "Élan."),
        ] {
            assert_eq!(sentence(words), whole);
        }
    }
}
