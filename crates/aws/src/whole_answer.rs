//! Refuses answers that are cut off.
//!
//! The SDK's XML reader takes the end of its input for the end of the list that it is in: of a listing
//! that was cut off it makes a shorter one, and from `<BackupRetentionPeriod>3` it reads 3 where 35
//! was sent. An instance that is missing from a listing counts as deleted, so this must not pass.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use quick_xml::Reader;
use quick_xml::events::Event;

/// Fails a call whose successful answer is not one whole XML document.
#[derive(Debug)]
pub(crate) struct WholeAnswer;

impl Intercept for WholeAnswer {
    fn name(&self) -> &'static str {
        "WholeAnswer"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        if !response.status().is_success() {
            return Ok(());
        }
        let body = response.body().bytes().ok_or("the answer has no body")?;
        Ok(whole(body)?)
    }
}

fn whole(body: &[u8]) -> Result<(), NotWhole> {
    let mut reader = Reader::from_reader(body);
    let (mut depth, mut roots) = (0_usize, 0_usize);
    loop {
        match reader.read_event()? {
            Event::Start(_) => {
                roots += usize::from(depth == 0);
                depth += 1;
            }
            // The reader itself refuses an end without its start.
            Event::End(_) => depth -= 1,
            Event::Eof if depth == 0 && roots == 1 => return Ok(()),
            Event::Eof => return Err(NotWhole::CutOff),
            _ => {}
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum NotWhole {
    #[error("the answer is cut off")]
    CutOff,
    #[error("the answer is no XML")]
    NotXml(#[from] quick_xml::Error),
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = r#"<?xml version="1.0"?><R xmlns="x"><L><I><Days>35</Days></I><I/></L></R>"#;

    #[test]
    fn only_a_whole_answer_passes() {
        assert!(whole(ANSWER.as_bytes()).is_ok());
        for end in 0..ANSWER.len() {
            assert!(whole(&ANSWER.as_bytes()[..end]).is_err(), "{}", &ANSWER[..end]);
        }
        for odd in ["ok", "<R></L>", "<R></R><R></R>", "{}"] {
            assert!(whole(odd.as_bytes()).is_err(), "{odd}");
        }
    }
}
