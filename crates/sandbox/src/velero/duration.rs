//! Durations as Go reads and writes them: `1h30m`, `720h0m0s`.

use jiff::SignedDuration;

const SECOND: i128 = 1_000_000_000;

/// # Errors
/// The sentence of Go's `time.ParseDuration`.
pub(crate) fn parse(text: &str) -> Result<SignedDuration, String> {
    let invalid = || format!("time: invalid duration {text:?}");
    let (negative, mut rest) = match text.as_bytes() {
        [b'-', ..] => (true, &text[1..]),
        [b'+', ..] => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Ok(SignedDuration::ZERO);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut nanoseconds: i128 = 0;
    while !rest.is_empty() {
        let number = take(&mut rest, |c| c.is_ascii_digit() || c == '.');
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.len() + fraction.len() == 0 || fraction.contains('.') {
            return Err(invalid());
        }
        let unit = take(&mut rest, |c| !c.is_ascii_digit() && c != '.');
        let factor = match unit {
            "" => return Err(format!("time: missing unit in duration {text:?}")),
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => SECOND,
            "m" => 60 * SECOND,
            "h" => 3_600 * SECOND,
            unit => return Err(format!("time: unknown unit {unit:?} in duration {text:?}")),
        };
        // Twelve digits are finer than any of the units needs.
        let fraction = format!("{:0<12.12}", fraction);
        let parse = |digits: &str| digits.parse::<i64>().map(i128::from).map_err(|_| invalid());
        let whole = if whole.is_empty() { 0 } else { parse(whole)? };
        nanoseconds += whole * factor + parse(&fraction)? * factor / 1_000_000_000_000;
    }
    let nanoseconds = i64::try_from(nanoseconds).map_err(|_| invalid())?;
    Ok(SignedDuration::from_nanos(if negative {
        -nanoseconds
    } else {
        nanoseconds
    }))
}

/// In whole seconds, as `time.Duration` prints itself; Velero's defaults have no fractions.
pub(crate) fn text(duration: SignedDuration) -> String {
    let seconds = duration.as_secs();
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds}s"),
        (0, _) => format!("{minutes}m{seconds}s"),
        _ => format!("{hours}h{minutes}m{seconds}s"),
    }
}

fn take<'a>(rest: &mut &'a str, wanted: impl Fn(char) -> bool) -> &'a str {
    let end = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
    let (taken, left) = rest.split_at(end);
    *rest = left;
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        for (written, seconds) in [
            ("720h", 2_592_000),
            ("1h30m", 5_400),
            ("1.5h", 5_400),
            ("0", 0),
            ("-5s", -5),
            (".5m", 30),
        ] {
            assert_eq!(parse(written), Ok(SignedDuration::from_secs(seconds)), "{written}");
        }
        for (written, error) in [
            ("soon", "time: invalid duration \"soon\""),
            ("", "time: invalid duration \"\""),
            ("5", "time: missing unit in duration \"5\""),
            ("30d", "time: unknown unit \"d\" in duration \"30d\""),
            ("99999999h", "time: invalid duration \"99999999h\""),
        ] {
            assert_eq!(parse(written), Err(error.to_owned()), "{written}");
        }
    }

    #[test]
    fn durations_are_written_as_go_writes_them() {
        for (seconds, written) in [(2_592_000, "720h0m0s"), (600, "10m0s"), (14_400, "4h0m0s"), (0, "0s")] {
            assert_eq!(text(SignedDuration::from_secs(seconds)), written);
        }
    }
}
