//! The REST-JSON protocol: which operation a method and path mean, what was asked, and how it is answered.

mod ask;
mod exception;
mod page;

use percent_encoding::percent_decode_str;

pub(crate) use self::ask::Ask;
pub(crate) use self::exception::Exception;
pub(crate) use self::page::{newest_first, page};

/// One operation of a service.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) method: &'static str,
    /// `/plans/{planId}/versions`: a segment in braces is a parameter; a slash at the end means nothing.
    pub(crate) path: &'static str,
    pub(crate) operation: &'static str,
}

impl Route {
    pub(crate) const fn new(operation: &'static str, method: &'static str, path: &'static str) -> Self {
        Self {
            method,
            path,
            operation,
        }
    }
}

/// The operation, with its path's parameters decoded; `None` where the service has no such route.
///
/// `path` is raw: an ARN in it has its slashes encoded, and is one segment.
pub(crate) fn find(
    routes: &'static [Route],
    method: &str,
    path: &str,
) -> Option<(&'static Route, Vec<(&'static str, String)>)> {
    let path = path.strip_suffix('/').unwrap_or(path);
    routes
        .iter()
        .filter(|route| route.method == method)
        .find_map(|route| Some((route, matched(route.path, path)?)))
}

fn matched(template: &'static str, path: &str) -> Option<Vec<(&'static str, String)>> {
    let template = template.strip_suffix('/').unwrap_or(template);
    let mut params = Vec::new();
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(params),
            (Some(wanted), Some(given)) => match wanted.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(name) if !given.is_empty() => {
                    params.push((name, percent_decode_str(given).decode_utf8().ok()?.into_owned()));
                }
                None if wanted == given => {}
                _ => return None,
            },
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTES: &[Route] = &[
        Route::new("List", "GET", "/vaults/"),
        Route::new("Describe", "GET", "/vaults/{name}"),
        Route::new("Point", "GET", "/vaults/{name}/points/{arn}"),
    ];

    fn found(path: &str) -> Option<(&'static str, Vec<(&'static str, String)>)> {
        find(ROUTES, "GET", path).map(|(route, params)| (route.operation, params))
    }

    #[test]
    fn an_encoded_arn_is_one_segment() {
        let params = vec![
            ("name", "v".to_owned()),
            ("arn", "arn:aws:ec2:eu-west-1::snapshot/snap-1".to_owned()),
        ];
        assert_eq!(
            found("/vaults/v/points/arn%3Aaws%3Aec2%3Aeu-west-1%3A%3Asnapshot%2Fsnap-1"),
            Some(("Point", params))
        );
    }

    #[test]
    fn a_slash_at_the_end_means_nothing() {
        assert_eq!(found("/vaults/"), Some(("List", vec![])));
        assert_eq!(found("/vaults"), Some(("List", vec![])));
        assert_eq!(found("/vaults/v/"), Some(("Describe", vec![("name", "v".to_owned())])));
        assert_eq!(found("/plans"), None);
    }
}
