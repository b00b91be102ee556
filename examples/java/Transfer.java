// Transfers a call through the C interface, from Java:
//
//     java -cp jna.jar Transfer.java LIBRARY CALL_ID TO [WHISPERED TEXT]
//
// LIBRARY is the path of libcalltransfer.so. Needs JNA (Debian: libjna-java).
// Credentials: BANDWIDTH_USER_ID, BANDWIDTH_API_TOKEN, BANDWIDTH_API_SECRET.
import com.sun.jna.*;
import com.sun.jna.ptr.PointerByReference;
import java.util.Map;

record Transfer(NativeLibrary library) {
    <T> T call(Class<T> returns, String name, Object... arguments) {
        return returns.cast(library.getFunction("calltransfer_" + name).invoke(returns, arguments));
    }
    String text(String name, PointerByReference handle) { return call(String.class, name, handle.getValue()); }

    public static void main(String[] args) {
        var c = new Transfer(NativeLibrary.getInstance(args[0], Map.of(Library.OPTION_STRING_ENCODING, "UTF-8")));
        PointerByReference[] out = {new PointerByReference(), new PointerByReference(), new PointerByReference()};
        Pointer config = c.call(Pointer.class, "config_new");
        c.call(Integer.class, "config_use_environment", config);
        Pointer transfer = c.call(Pointer.class, "transfer_new", args[1], args[2]);
        if (args.length > 3) c.call(Integer.class, "transfer_set_whisper_audio_sentence", transfer, args[3]);
        boolean failed = c.call(Integer.class, "client_new", config, out[0], out[2]) != 0
            || c.call(Integer.class, "client_transfer", out[0].getValue(), transfer, out[1], out[2]) != 0;
        if (failed) System.err.println(c.text("error_outcome_name", out[2]) + ": " + c.text("error_message", out[2]));
        else System.out.println("the new call is " + c.text("result_new_call_id", out[1]));
        System.exit(failed ? 1 : 0);
    }
}
