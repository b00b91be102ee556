//! Any texts through the setters of the C interface: a status, a body or an error, never a crash.
#![no_main]

use std::ffi::CString;

use calltransfer_c_abi::error_getters::calltransfer_error_free;
use calltransfer_c_abi::text::calltransfer_string_free;
use calltransfer_c_abi::transfer::*;
use calltransfer_c_abi::transfer_v2::*;
use calltransfer_c_abi::whisper_audio::*;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|texts: Vec<(u8, Vec<u8>)>| {
    let mut texts: Vec<_> = texts
        .into_iter()
        .map(|(which, mut text)| {
            text.retain(|byte| *byte != 0);
            (which, CString::new(text).unwrap_or_default())
        })
        .collect();
    let call_id = texts.pop().map(|(_, text)| text).unwrap_or_default();
    let to = texts.pop().map(|(_, text)| text).unwrap_or_default();
    // SAFETY: every text ends in NUL and lives through the calls; each handle is freed once.
    unsafe {
        let transfer = calltransfer_transfer_new(call_id.as_ptr(), to.as_ptr());
        for (which, text) in &texts {
            let text = text.as_ptr();
            match which % 21 {
                0 => calltransfer_transfer_set_caller_id(transfer, text),
                1 => calltransfer_transfer_set_callback_url(transfer, text),
                2 => calltransfer_transfer_set_recording_file_format(transfer, text),
                3 => calltransfer_transfer_set_whisper_audio_sentence(transfer, text),
                4 => calltransfer_transfer_set_whisper_audio_file_url(transfer, text),
                5 => calltransfer_transfer_set_whisper_audio_gender(transfer, text),
                6 => calltransfer_transfer_set_whisper_audio_locale(transfer, text),
                7 => calltransfer_transfer_set_whisper_audio_voice(transfer, text),
                8 => calltransfer_transfer_set_whisper_audio_tag(transfer, text),
                9 => calltransfer_transfer_set_diversion_treatment(transfer, text),
                10 => calltransfer_transfer_set_diversion_reason(transfer, text),
                11 => calltransfer_transfer_set_extra_json(transfer, text),
                12 => calltransfer_transfer_set_whisper_audio_volume(transfer, i32::from(*which)),
                13 => calltransfer_transfer_set_caller_display_name(transfer, text),
                14 => calltransfer_transfer_set_tag(transfer, text),
                15 => calltransfer_transfer_set_uui(transfer, text),
                16 => calltransfer_transfer_set_transfer_answer_url(transfer, text),
                17 => calltransfer_transfer_also_to(transfer, text),
                18 => calltransfer_transfer_set_privacy(transfer, i32::from(*which)),
                19 => calltransfer_transfer_set_call_timeout(transfer, f64::from(*which)),
                _ => calltransfer_transfer_set_timeout_ms(transfer, i64::from(*which)),
            };
        }
        let mut json = std::ptr::null_mut();
        let mut error = std::ptr::null_mut();
        let status = calltransfer_transfer_to_json(transfer, &mut json, &mut error);
        assert_eq!(status == 0, !json.is_null());
        assert_eq!(status == 0, error.is_null());
        if !json.is_null() {
            let text = std::ffi::CStr::from_ptr(json).to_bytes();
            assert!(serde_json::from_slice::<serde_json::Value>(text).is_ok());
        }
        calltransfer_string_free(json);
        calltransfer_error_free(error);
        calltransfer_transfer_free(transfer);
    }
});
