//! In which encodings a browser takes a file, and how files are called that were compressed when the console was built.

/// A way in which a file is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoding {
    Brotli,
    Gzip,
    Plain,
}

impl Encoding {
    /// Returns what stands behind the name of a file that is kept so.
    pub fn ending(self) -> &'static str {
        match self {
            Encoding::Brotli => ".br",
            Encoding::Gzip => ".gz",
            Encoding::Plain => "",
        }
    }

    /// Returns its name in HTTP; none for what is sent as it is.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Encoding::Brotli => Some("br"),
            Encoding::Gzip => Some("gzip"),
            Encoding::Plain => None,
        }
    }
}

/// Lists the encodings that an `Accept-Encoding` header takes, the smallest first. As they are, files are always sent.
pub fn accepted(header: &str) -> Vec<Encoding> {
    let takes = |encoding: &Encoding| {
        let Some(name) = encoding.name() else { return true };
        let said = |wanted: &str| {
            header.split(',').map(|part| part.split_once(';').unwrap_or((part, ""))).find_map(|(found, parameters)| {
                found.trim().eq_ignore_ascii_case(wanted).then(|| !is_refused(parameters))
            })
        };
        said(name).or_else(|| said("*")).unwrap_or(false)
    };
    [Encoding::Brotli, Encoding::Gzip, Encoding::Plain].into_iter().filter(takes).collect()
}

/// Tells whether the parameters of what is listed in a header say that it is not wanted.
pub fn is_refused(parameters: &str) -> bool {
    let quality = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then(|| value.trim().parse::<f32>().unwrap_or(0.0))
    });
    quality.is_some_and(|quality| quality <= 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Encoding::*;

    #[test]
    fn brotli_goes_before_gzip_and_both_only_when_they_are_taken() {
        for (header, expected) in [
            ("gzip, deflate, br, zstd", vec![Brotli, Gzip, Plain]),
            ("GZIP;q=0.5, br;q=0.1", vec![Brotli, Gzip, Plain]),
            ("gzip", vec![Gzip, Plain]),
            ("br;q=0, *", vec![Gzip, Plain]),
            ("br; q=0.000, gzip;q=1.0", vec![Gzip, Plain]),
            ("*", vec![Brotli, Gzip, Plain]),
            ("identity", vec![Plain]),
            ("", vec![Plain]),
            ("brotli, gz", vec![Plain]),
        ] {
            assert_eq!(accepted(header), expected, "{header}");
        }
    }
}
