# Writes the symbols file of the Debian package from tests/abi/ledger.txt: since which version each function is there.
BEGIN { print "libcalltransfer.so.0 libcalltransfer0 #MINVER#" }

/^[0-9]/ && match($0, /calltransfer_[a-z0-9_]+\(/) {
    split($1, part, ".")
    node = "CALLTRANSFER_" part[1] "." part[2]
    if (!(node in known)) print " " node "@" node " " part[1] "." part[2]
    known[node] = 1
    print " " substr($0, RSTART, RLENGTH - 1) "@" node " " $1
}
