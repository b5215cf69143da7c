//! Finds workflows that would run themselves through their children.

/// Returns the way back to `slug`, when running its children can lead there; `children` lists those of each workflow.
///
/// A child of its own is found when a definition is read; longer ways need all definitions of an owner.
pub fn cycle(slug: &str, children: impl Fn(&str) -> Vec<String>) -> Option<Vec<String>> {
    let mut seen = std::collections::BTreeSet::new();
    let mut ways: Vec<Vec<String>> = vec![vec![slug.to_owned()]];
    while let Some(way) = ways.pop() {
        let last = way.last().expect("a way begins with the workflow itself");
        for child in children(last) {
            let mut longer = way.clone();
            longer.push(child.clone());
            if child == slug {
                return Some(longer);
            }
            if seen.insert(child) {
                ways.push(longer);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_back_is_found_and_a_diamond_is_none() {
        let names = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        let ring = |slug: &str| match slug {
            "a" => names(&["b"]),
            "b" => names(&["c", "d"]),
            "c" => names(&["a"]),
            _ => names(&["d"]),
        };
        assert_eq!(cycle("a", ring), Some(names(&["a", "b", "c", "a"])));
        let diamond = |slug: &str| match slug {
            "a" => names(&["b", "c"]),
            "b" | "c" => names(&["d"]),
            _ => names(&[]),
        };
        assert_eq!(cycle("a", diamond), None);
    }
}
