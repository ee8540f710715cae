//! The name that somebody may have meant.

/// The candidate that is the fewest typing mistakes away from `name`, if those are few.
pub(crate) fn nearest<'a>(name: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let near = candidates.iter().map(|candidate| (distance(name, candidate), *candidate)).min()?;
    (near.0 <= 1 + name.len() / 4).then_some(near.1)
}

/// Levenshtein's distance in bytes: how many have to be inserted, removed or replaced.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, a) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in b.bytes().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: &[&str] = &["source", "status", "response", "rule", "log"];

    #[test]
    fn a_mistyped_name_finds_the_one_that_was_meant() {
        assert_eq!(nearest("sorce", NAMES), Some("source"));
        assert_eq!(nearest("sources", NAMES), Some("source"));
        assert_eq!(nearest("rules", NAMES), Some("rule"));
        assert_eq!(nearest("reponse", NAMES), Some("response"));
    }

    #[test]
    fn a_name_like_no_other_finds_none() {
        assert_eq!(nearest("concurrency", NAMES), None);
    }
}
