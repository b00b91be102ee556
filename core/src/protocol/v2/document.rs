//! A BXML document, and the characters that are allowed in it.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, Event};

use crate::error::Error;
use crate::error::InvalidArgument;

pub(super) type Bxml = Writer<Vec<u8>>;

/// The declaration, and `<Bxml>` around what `content` writes; the writer escapes.
pub(super) fn write(content: impl FnOnce(&mut Bxml) -> io::Result<()>) -> Result<String, Error> {
    let mut writer = Writer::new(Vec::with_capacity(512));
    let written = || {
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        writer.create_element("Bxml").write_inner_content(content)?;
        Ok::<_, io::Error>(())
    };
    written().map_err(|cause| Error::internal("the BXML document could not be written", &cause))?;
    String::from_utf8(writer.into_inner())
        .map_err(|cause| Error::internal("the BXML document could not be written", &cause))
}

/// XML has no way to write some characters (XML 1.0, section 2.2), not even escaped.
pub(super) fn check(field: &'static str, text: &str) -> Result<(), InvalidArgument> {
    let illegal = |c: &char| matches!(*c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    match text.chars().find(illegal) {
        None => Ok(()),
        Some(c) => Err(InvalidArgument::new(
            field,
            format!(
                "contains U+{:04X}, which XML does not allow; remove it",
                u32::from(c)
            ),
        )),
    }
}
