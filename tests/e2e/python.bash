# shellcheck shell=bash
# Sourced after lib.sh by the scripts whose cases are written in Python.
export ROOT WORK LOG PREFIX PYTHONDONTWRITEBYTECODE=1

inside=() # a command to run them through

# python_cases SCRIPT GROUP: runs the group's cases; each becomes one of ours.
python_cases() {
    local line name='' why='' ended=no
    while IFS= read -r line; do
        case $line in
        'ok - '*)
            python_flush
            ok "${line#ok - }"
            ;;
        'not ok - '*)
            python_flush
            name=${line#not ok - }
            ;;
        '# ran '*) ended=yes ;;
        *) why+="${why:+$'\n'}${line#\# }" ;;
        esac
    done < <("${inside[@]}" "$PYTHON" "$TOP/tests/e2e/$1" "${@:2}" 2>&1 </dev/null)
    [ "$ended" = yes ] || name=${name:-"$1 ${2:-} runs to its end"}
    python_flush
}
python_flush() {
    [ -z "$name" ] || not_ok "$name" "$why"
    name='' why=''
}
