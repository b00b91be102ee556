//! Transfers the call that is named on the command line.

use calltransfer::{Config, Transfer, blocking};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let call_id = std::env::args().nth(1).ok_or("usage: minimal CALL_ID")?;
    let client = blocking::Client::new(Config::from_env()?);
    let transfer = Transfer::new(call_id, "+18382947878")
        .caller_id("private")
        .whisper_audio("You have an incoming call");
    match client.transfer(transfer) {
        Ok(done) => println!(
            "the new call is {}",
            done.new_call_id.as_deref().unwrap_or("not named")
        ),
        Err(error) => println!("{}: {error}", error.outcome()),
    }
    Ok(())
}
