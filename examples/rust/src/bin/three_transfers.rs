//! The three transfers of the API's page, of the three calls that are named on the command line.

use std::process::ExitCode;

use calltransfer::{Config, Diversion, DiversionReason, Error, Transfer, blocking};

fn main() -> ExitCode {
    match run(std::env::args().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", error.outcome());
            ExitCode::FAILURE
        }
    }
}

fn run(call_ids: Vec<String>) -> Result<(), Error> {
    let client = blocking::Client::new(Config::from_env()?);
    let transfers = [
        |call_id| Transfer::new(call_id, "+19192223333"),
        |call_id| {
            Transfer::new(call_id, "+18382947878")
                .caller_id("private")
                .whisper_audio("Hello! You have an incoming call")
        },
        |call_id| {
            Transfer::new(call_id, "+19195554444")
                .diversion(Diversion::Stack(DiversionReason::DoNotDisturb))
        },
    ];
    for (call_id, transfer) in call_ids.iter().zip(transfers) {
        let transfer = transfer(call_id);
        println!("sent     {}", transfer.to_json()?);
        let done = client.transfer(&transfer)?;
        println!(
            "answer   {}, new call {}",
            done.http_status,
            done.new_call_id.as_deref().unwrap_or("not named")
        );
    }
    Ok(())
}
