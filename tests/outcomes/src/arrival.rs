//! A request as the server read it.

/// A request, or the part of it that arrived.
#[derive(Debug, Clone, Default)]
pub struct Arrival {
    /// The request line and the headers, as far as they were read.
    pub head: String,
    /// The body, as far as it was read.
    pub body: Vec<u8>,
    /// Whether head and body were read to their end.
    pub complete: bool,
    /// What was sent as the response, as far as it could be sent.
    pub response: Vec<u8>,
}

impl Arrival {
    /// The request line, as `PUT /path HTTP/1.1`.
    pub fn line(&self) -> &str {
        self.head.lines().next().unwrap_or_default()
    }

    /// The value of this header, or an empty text.
    pub fn header(&self, name: &str) -> &str {
        let headers = self.head.lines().filter_map(|line| line.split_once(':'));
        headers
            .into_iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name))
            .map_or("", |(_, value)| value.trim())
    }

    /// Whether it is a token request of v2.
    pub fn is_for_token(&self) -> bool {
        self.head.starts_with("POST /api/v1/oauth2/token ")
    }

    /// The final status that was sent, if its whole head was.
    pub fn status(&self) -> Option<u16> {
        let text = String::from_utf8_lossy(&self.response);
        let mut heads = text.split_inclusive("\r\n\r\n");
        let last = heads.find(|head| !head.starts_with("HTTP/1.1 10"))?;
        let whole = last.ends_with("\r\n\r\n");
        whole.then(|| last.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok())?
    }

    /// Adds a byte; true once the request is complete.
    pub(crate) fn take(&mut self, byte: u8) -> bool {
        if self.head.ends_with("\r\n\r\n") {
            self.body.push(byte);
        } else {
            self.head.push(byte as char);
            if !self.head.ends_with("\r\n\r\n") {
                return false;
            }
        }
        let length = self.header("content-length");
        self.complete = length.is_empty() || self.body.len() == length.parse::<usize>().unwrap();
        self.complete
    }
}
