//! ARNs of RDS.

/// `arn:aws:rds:REGION:ACCOUNT:KIND:ID`; the id may contain colons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arn<'a> {
    pub(crate) region: &'a str,
    pub(crate) account: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) id: &'a str,
}

impl<'a> Arn<'a> {
    /// `None` where the text is not an ARN of RDS.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(7, ':');
        let (arn, _partition, service) = (parts.next()?, parts.next()?, parts.next()?);
        let (region, account, kind, id) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        (arn == "arn" && service == "rds").then_some(Self {
            region,
            account,
            kind,
            id,
        })
    }

    /// The identifier in a name that may be an ARN.
    pub(crate) fn id_in(name: &'a str) -> &'a str {
        Self::parse(name).map_or(name, |arn| arn.id)
    }
}

#[cfg(test)]
mod tests {
    use super::Arn;

    #[test]
    fn an_automated_snapshots_id_keeps_its_colon() {
        let arn = Arn::parse("arn:aws:rds:eu-west-1:111122223333:snapshot:rds:pg-2026-11-21-03-00").unwrap();
        assert_eq!((arn.kind, arn.id), ("snapshot", "rds:pg-2026-11-21-03-00"));
        assert_eq!(Arn::parse("arn:aws:s3:::bucket:a:b"), None);
        assert_eq!(Arn::parse("by-hand"), None);
    }
}
