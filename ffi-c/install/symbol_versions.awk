# Writes the linker's version script of the shared library from tests/abi/ledger.txt: a node for each version that
# brought functions, so that a program says which version it needs, and packages know it too.
/^[0-9]/ && match($0, /calltransfer_[a-z0-9_]+\(/) {
    split($1, part, ".")
    node = "CALLTRANSFER_" part[1] "." part[2]
    if (!(node in functions)) nodes[++count] = node
    functions[node] = functions[node] "    " substr($0, RSTART, RLENGTH - 1) ";\n"
}

END {
    for (i = 1; i <= count; i++) {
        node = nodes[i]
        printf "%s {\nglobal:\n%s%s}%s;\n", node, functions[node], (i == 1 ? "local:\n    *;\n" : ""), (i == 1 ? "" : " " nodes[i - 1])
    }
}
