//! What the new party hears first, as setters of a transfer.

use std::ffi::c_char;

use serde_json::Value;

use crate::transfer::{calltransfer_transfer, set, set_word, with_option};

/// Set the sentence that the new party hears before being connected: 1 to 1000 characters.
///
/// A whisper has a sentence or a file_url; every other field of it needs one of them.
///
/// NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL `sentence`, which is
/// reported again when the transfer is sent.
/// Memory: `sentence` is copied.
/// Threads: one at a time per transfer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_transfer_set_whisper_audio_sentence(
    transfer: *mut calltransfer_transfer,
    sentence: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { set_word(transfer, "whisper_audio.sentence", sentence) }
}

/// Set the audio file that the new party hears before being connected: an http or https URL.
///
/// Instead of a sentence.
///
/// NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL `file_url`, which is
/// reported again when the transfer is sent.
/// Memory: `file_url` is copied.
/// Threads: one at a time per transfer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_transfer_set_whisper_audio_file_url(
    transfer: *mut calltransfer_transfer,
    file_url: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { set_word(transfer, "whisper_audio.file_url", file_url) }
}

/// Set the gender of the voice: "male" or "female"; only with a sentence.
///
/// NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL `gender`, which is
/// reported again when the transfer is sent.
/// Memory: `gender` is copied.
/// Threads: one at a time per transfer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_transfer_set_whisper_audio_gender(
    transfer: *mut calltransfer_transfer,
    gender: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { set_word(transfer, "whisper_audio.gender", gender) }
}

/// Set the language and accent of the voice, such as "en_US"; only with a sentence.
///
/// NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL `locale`, which is
/// reported again when the transfer is sent.
/// Memory: `locale` is copied.
/// Threads: one at a time per transfer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_transfer_set_whisper_audio_locale(
    transfer: *mut calltransfer_transfer,
    locale: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { set_word(transfer, "whisper_audio.locale", locale) }
}

/// Set the voice by its name, such as "Julie"; only with a sentence.
///
/// NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL `voice`, which is
/// reported again when the transfer is sent.
/// Memory: `voice` is copied.
/// Threads: one at a time per transfer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_transfer_set_whisper_audio_voice(
    transfer: *mut calltransfer_transfer,
    voice: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { set_word(transfer, "whisper_audio.voice", voice) }
}

/// Set whether the whisper is repeated: 0 is no, anything else is yes.
///
/// NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT.
/// Memory: copies nothing, keeps nothing.
/// Threads: one at a time per transfer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_transfer_set_whisper_audio_loop_enabled(
    transfer: *mut calltransfer_transfer,
    loop_enabled: i32,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        set(transfer, || {
            let value = Value::from(loop_enabled != 0);
            Ok(|transfer| with_option(transfer, "whisper_audio.loop_enabled", value))
        })
    }
}

/// Set a text that is contained in the events of the whisper.
///
/// NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL `tag`, which is
/// reported again when the transfer is sent.
/// Memory: `tag` is copied.
/// Threads: one at a time per transfer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_transfer_set_whisper_audio_tag(
    transfer: *mut calltransfer_transfer,
    tag: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { set_word(transfer, "whisper_audio.tag", tag) }
}

/// Set the volume of the whisper: -4 to 4.
///
/// NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT.
/// Memory: copies nothing, keeps nothing.
/// Threads: one at a time per transfer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_transfer_set_whisper_audio_volume(
    transfer: *mut calltransfer_transfer,
    volume: i32,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        set(transfer, || {
            let value = Value::from(volume);
            Ok(|transfer| with_option(transfer, "whisper_audio.volume", value))
        })
    }
}
