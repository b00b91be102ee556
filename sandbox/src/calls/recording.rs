//! Recordings, and their files of silence.

use jiff::Timestamp;

/// A recording of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recording {
    /// Such as `rec-` and 26 letters and digits.
    pub id: String,
    /// `wav` or `mp3`.
    pub file_format: &'static str,
    /// When it began.
    pub start_time: Timestamp,
    /// When it was complete, if it is.
    pub end_time: Option<Timestamp>,
}

/// The greatest length of a recording's file, which contains silence.
const LONGEST_MS: i64 = 10_000;

impl Recording {
    /// The name of its file.
    pub fn file_name(&self) -> String {
        format!("{}.{}", self.id, self.file_format)
    }

    /// The file itself, once it is complete: silence as long as the recording, up to 10 seconds.
    pub fn media(&self) -> Option<Vec<u8>> {
        let ms = (self.end_time?.as_millisecond() - self.start_time.as_millisecond())
            .clamp(0, LONGEST_MS);
        let ms = usize::try_from(ms).unwrap_or(0);
        Some(match self.file_format {
            "mp3" => silent_mp3(ms),
            _ => silent_wav(ms),
        })
    }
}

/// PCM, 8,000 samples of 16 bits a second, one channel.
fn silent_wav(ms: usize) -> Vec<u8> {
    let data = ms * 16;
    let size = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes();
    let mut file = Vec::with_capacity(44 + data);
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&size(36 + data));
    file.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend_from_slice(&8000_u32.to_le_bytes());
    file.extend_from_slice(&16_000_u32.to_le_bytes());
    file.extend_from_slice(b"\x02\0\x10\0data");
    file.extend_from_slice(&size(data));
    file.resize(44 + data, 0);
    file
}

/// MPEG-1 layer III, 32 kbit/s, 32 kHz, one channel: frames of 144 bytes and 36 ms without content.
fn silent_mp3(ms: usize) -> Vec<u8> {
    let mut frame = vec![0xff, 0xfb, 0x18, 0xc4];
    frame.resize(144, 0);
    frame.repeat(ms.div_ceil(36).max(1))
}
