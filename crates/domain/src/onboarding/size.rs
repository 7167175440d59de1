//! Sizes as people write them.

/// Bytes of `120 GiB`, `1.5 TB`, `500 MB`: the unit is part of it.
///
/// # Errors
/// What is expected, in words.
pub(super) fn parse(text: &str) -> Result<i64, String> {
    let expected = || "a size with its unit is expected, such as `120 GiB`, `1.5 TB` or `500 MB`".to_owned();
    let (number, unit) = text.split_at(
        text.find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(text.len()),
    );
    let unit: i64 = match unit.trim().to_ascii_lowercase().as_str() {
        "b" => 1,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "tb" => 1_000_000_000_000,
        "pb" => 1_000_000_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        "tib" => 1 << 40,
        "pib" => 1 << 50,
        _ => return Err(expected()),
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let thousandths = || {
        if whole.is_empty() || part.is_empty() || part.len() > 3 {
            return None;
        }
        let part = format!("{part:0<3}");
        whole
            .parse::<i64>()
            .ok()?
            .checked_mul(1_000)?
            .checked_add(part.parse().ok()?)
    };
    let bytes = || i64::try_from(i128::from(thousandths()?) * i128::from(unit) / 1_000).ok();
    bytes().ok_or_else(expected)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_size_has_a_unit_and_fits() {
        for (text, bytes) in [
            ("120 GiB", 120 << 30),
            ("2TiB", 2 << 40),
            ("1.5 TB", 1_500_000_000_000),
            ("0 B", 0),
            ("0.125 kib", 128),
        ] {
            assert_eq!(parse(text), Ok(bytes), "{text}");
        }
        for text in [
            "120",
            "GiB",
            "1,5 TB",
            "-1 GB",
            "1.2.3 GB",
            "1. GB",
            "10000 PiB",
            "1.2345 GB",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
