// Transfers a call through the C interface, from Go:
//
//	go build transfer.go && ./transfer CALL_ID TO [WHISPERED TEXT]
//
// Needs the installed library; CGO_CFLAGS and CGO_LDFLAGS name its folders where the compiler doesn't search them.
// Credentials: BANDWIDTH_USER_ID, BANDWIDTH_API_TOKEN, BANDWIDTH_API_SECRET.
package main

// #cgo LDFLAGS: -lcalltransfer
// #include <calltransfer/calltransfer.h>
import "C"
import "os"

func main() {
	client, result, failure := (*C.calltransfer_client)(nil), (*C.calltransfer_result)(nil), (*C.calltransfer_error)(nil)
	config := C.calltransfer_config_new()
	C.calltransfer_config_use_environment(config)
	transfer := C.calltransfer_transfer_new(C.CString(os.Args[1]), C.CString(os.Args[2]))
	if len(os.Args) > 3 {
		C.calltransfer_transfer_set_whisper_audio_sentence(transfer, C.CString(os.Args[3]))
	}
	if C.calltransfer_client_new(config, &client, &failure) != C.CALLTRANSFER_OK ||
		C.calltransfer_client_transfer(client, transfer, &result, &failure) != C.CALLTRANSFER_OK {
		outcome, message := C.calltransfer_error_outcome_name(failure), C.calltransfer_error_message(failure)
		os.Stderr.WriteString(C.GoString(outcome) + ": " + C.GoString(message) + "\n")
		os.Exit(1)
	}
	os.Stdout.WriteString("the new call is " + C.GoString(C.calltransfer_result_new_call_id(result)) + "\n")
}
