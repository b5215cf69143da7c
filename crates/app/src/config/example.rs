//! The commented example of a configuration file, written from the list of options.

use super::options::{OptionInfo, sections};

const HEAD: &str = "\
# The configuration of Tenure: every option there is, with its default. Take the # away to change one.
# Read from ./tenure.toml, or from the file named by --config or TENURE_CONFIG. An environment variable goes before the
# file (server.listen is TENURE_SERVER_LISTEN), a flag before both. An unknown option is an error.
";

/// Returns the text of the example.
pub fn example() -> String {
    let mut text = HEAD.to_owned();
    for section in sections() {
        if !section.name.is_empty() {
            text += &format!("\n# {}\n[{}]\n", section.doc, section.name);
        }
        for option in section.options {
            text += &format!("\n# {}\n#{}\n", option.doc, setting(&option));
        }
    }
    text
}

fn setting(option: &OptionInfo) -> String {
    match &option.default {
        Some(default) => format!("{} = {default}", option.name),
        None if option.text => format!("{} = \"\" # not set", option.name),
        None => format!("{} = 1 # not set", option.name),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    #[test]
    fn the_example_holds_the_defaults() {
        let set = |line: &str| line.starts_with('[') || (line.starts_with('#') && !line.starts_with("# "));
        let kept: Vec<_> = example()
            .lines()
            .filter(|line| set(line) && !line.ends_with("# not set"))
            .map(|line| line.trim_start_matches('#').to_owned())
            .collect();
        let read: Config = toml::from_str(&kept.join("\n")).unwrap();
        assert_eq!(read, Config::default());
    }

    #[test]
    fn the_example_as_it_stands_changes_nothing() {
        assert_eq!(toml::from_str::<Config>(&example()).unwrap(), Config::default());
    }
}
