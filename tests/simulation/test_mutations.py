#!/usr/bin/python3
"""
Deliberate faults in the core, each built into the plain simulation, which has to find it within a bounded number of
worlds. The core as it is passes all the same worlds. Runs in the top folder, after build/simulate/simulate was made.

A fault is an exact replacement in one file, or several; a text that is not there exactly once fails. FROM is a seed known to find
it, so that the run is short; where a change of the worlds makes it useless, the hunt goes on from there.
"""
import concurrent.futures
import os
import subprocess
import sys

WORLDS_MAX = 1500
SECONDS_MAX = 120
BUILD = "build/simulate"

# (what is wrong, file of src/core, text, what it becomes, FROM)
FAULTS = [
    ("off by one at the wrap", "transfer.c", "rollover == 0 ? 65536 : 65535;", "rollover == 0 ? 65535 : 65535;", 24),
    ("65535 is followed by 0 where 1 was agreed", "transfer.c", "(block - 1) % UINT16_MAX + 1", "block % UINT16_MAX", 72),
    ("no back-off", "transfer_wait.c", "t->wait_ms * 2 : longest;", "t->wait_ms : longest;", 1),
    ("repetitions without end", "transfer.c", "is_sent_enough || now_ms >= transfer_silence_ends_ms(t);", "now_ms >= transfer_silence_ends_ms(t);", 1),
    ("given up too early", "transfer.c", "is_sent_enough || now_ms >= transfer_silence_ends_ms(t);", "is_sent_enough || t->retries > 6 || now_ms >= transfer_silence_ends_ms(t);", 1),
    ("no dallying", "transfer.c", "    /* Dallying lasts one timeout",
     "    if (t->phase == PHASE_DALLYING)\n        transfer_finish(t, OUTCOME_DONE);\n    /* Dallying lasts one timeout", 1),
    ("dallying begins anew with each repetition", "transfer.c", "    if (t->phase != PHASE_DALLYING)\n        transfer_arm", "    transfer_arm", 35),
    ("a name that is taken meanwhile counts as stored", "transfer.c", "asked == ACTION_WRITE || asked == ACTION_COMMIT)) {",
     "asked == ACTION_WRITE)) {", 286),
    ("a failed write counts as written", "transfer.c", "asked == ACTION_WRITE || asked == ACTION_COMMIT)) {",
     "asked == ACTION_COMMIT)) {", 1244),
    ("a failed read counts as sent", "transfer.c", "(asked == ACTION_SEND_BLOCKS || asked == ACTION_WRITE", "(asked == ACTION_WRITE", 24),
    ("an ERROR of the client is overlooked", "transfer.c", "if (packet->opcode == OPCODE_ERROR) {", "if (false) {", 1),
    ("the wait shrinks to the very round trip, and no repetition teaches otherwise", "transfer_wait.c",
     ("(margin_ms > TRANSFER_MARGIN_MS_MIN ? margin_ms : TRANSFER_MARGIN_MS_MIN)", " && !t->is_backed_off;"), ("margin_ms", ";"), 552),
    ("an ACK of an old window leads back", "download.c", "transfer_block_from_wire(t, t->acked, t->high - t->acked, packet->block)",
     "transfer_block_from_wire(t, t->acked > 64 ? t->acked - 64 : 0, t->high - (t->acked > 64 ? t->acked - 64 : 0),\n"
     "                                              packet->block)", 52),
    ("an ACK of what was not sent is believed", "download.c", "t->high - t->acked, packet->block)", "t->high - t->acked + 9, packet->block)", 67),
    ("a duplicate ACK is answered", "download.c", "t->window > 1 && t->sent > t->acked && t->rewound_at != t->acked", "t->sent > t->acked", 1),
    ("each ACK in a window leads back", "download.c", " && t->rewound_at != t->acked", "", 1),
    ("doubtful ACKs lead back without end", "download.c", "t->doubts < DOWNLOAD_DOUBTS_MAX", "true", 5736),
    ("blocks that left in one call count as lost though they arrived", "download.c", "bool is_lost = block <= t->doubled;", "bool is_lost = true;", 1),
    ("a stored upload whose last ACK finds no room counts as failed", "transfer.c", "t->phase == PHASE_DALLYING ? OUTCOME_DONE : outcome);", "outcome);", 32275),
    ("no empty block behind a multiple of blksize", "download.c", "t->file_size / t->agreement.blksize + 1;",
     "(t->file_size + t->agreement.blksize - 1) / t->agreement.blksize;", 1),
    ("msftwindow is overlooked", "download.c", "    t->window = window <", "    window = window <", 112),
    ("netascii goes on in the wrong place after a gap", "download.c", "        work_of(t)->cursor = work_of(t)->checkpoint;\n", "        (void)0;\n", 33),
    ("a short block does not end an upload", "upload.c", "bool is_last = data.size < t->agreement.blksize;", "bool is_last = data.size == 0;", 1),
    ("MaxUploadBytes is not looked at", "upload.c", "total > t->upload_bytes_max)", "t->bytes > total)", 318),
    ("an upload of another size than announced is stored", "upload.c", "(is_last && total != t->agreement.tsize)", "false", 1),
    ("every copy of a block is acknowledged", "upload.c", "now_ms < t->timed_ms + UPLOAD_ECHO_MS", "false", 1),
    ("a repeated last block is not acknowledged", "upload.c", "            t->owes_reply = true;\n            t->blocks_resent++;\n", "", 40),
    ("a window is acknowledged one block late", "upload.c", "t->sent - t->acked >= t->window;", "t->sent - t->acked > t->window;", 1),
    ("the write buffer is not emptied in time", "upload.c", "t->filled + window_bytes > t->memory_size - UPLOAD_SPARE_BYTES)", "t->filled > t->memory_size)", 1),
    ("a held back CR that fills the write buffer is overlooked", "upload.c",
     "t->filled + window_bytes > t->memory_size - UPLOAD_SPARE_BYTES)",
     "t->memory_size - UPLOAD_SPARE_BYTES - t->filled < window_bytes)", 114462),
    ("an upload is acknowledged before it is stored", "upload.c", "if (t->is_complete && t->phase != PHASE_DALLYING) {",
     "if (t->is_complete && t->phase == PHASE_COMMITTING) {", 1),
    ("blksize is not clamped", "options.c", "a->blksize = asked < limits->blksize_max ? (uint32_t)asked : limits->blksize_max;",
     "a->blksize = (uint32_t)asked;", 1),
    ("windowsize is not clamped", "options.c",
     ("a->windowsize = asked < limits->windowsize_max ? (uint32_t)asked : limits->windowsize_max;", "if (a->windowsize > a->windowsize_max)"),
     ("a->windowsize = (uint32_t)asked;", "if (false)"), 41),
    ("tsize is what the client said", "options.c", "a->tsize = facts->is_upload ? asked : facts->file_size;", "a->tsize = asked;", 1),
    ("both of two options that contradict are granted", "options.c", " || has_rival(&a, option))", ")", 31),
    ("half of a netascii pair is lost between blocks", "netascii.c", "    state->has_carry = true;\n", "", 1),
    ("a CR at the end of a block is forgotten", "netascii.c", "            state->has_seen_cr = true;\n        else", "            (void)0;\n        else", 1),
    ("more transfers than allowed", "admission.c", ("given_up < config->transfers_max", "given_up < admission->transfers_max"),
     ("given_up < UINT32_MAX", "given_up < UINT32_MAX"), 21),
    ("who has proved itself since gives way", "admission.c", "        if (now <= standing)\n            return entry;", "        return entry;", 25),
    ("anybody gives way, whatever its standing", "admission.c", "find_of_rank(admission, STANDING_STRANGER, look)",
     "find_of_rank(admission, STANDING_PROVEN, look)", 235),
    ("a client gives way that goes on", "admission.c", "now_ms >= look(entry).progress_ms + ADMISSION_STALLED_MS", "true", 25),
    ("nobody gives way", "admission.c", "    plan->evicted = find_room(admission, look, now_ms);\n", "    (void)now_ms;\n", 235),
    ("any other request ends a transfer", "admission.c", "    return likeness == REQUEST_LATE || (!other->is_ending && look(other).standing != STANDING_STRANGER);",
     "    return false;", 24723),
    ("a transfer that is superseded stays counted", "admission.c", "(enum admission_scope)scope);\n    admission->serving--;",
     "ADMISSION_OF_ADDRESS);\n    admission->serving--;", 1),
    ("a stranger's port does not matter", "endpoint.c", ("a->port == b->port && ", " | e->port};"), ("", "};"), 213),
    ("a deadline is put off for ever", "deadlines.c", "    } else if (due_ms < deadline->queued_ms) {", "    } else if (false) {", 50),
    ("a second copy is kept as well", "life.c", "    if (life->doubt != DOUBT_NONE)\n        return step; /*",
     "    if (life->doubt == DOUBT_BROKEN)\n        return step; /*", 1),
    ("who gives up its turn still has it", "life.c", "step.gives_up_turn = life->state == LIFE_READY;", "", 291),
    ("a request that comes again is never doubted", "life.c", "t->standing != STANDING_STRANGER || likeness", "false && likeness", 59),
    ("what leaves before proof is not counted", "download.c", "t->credit -= spent < t->credit ? (uint32_t)spent : t->credit;", "(void)spent;", 67),
    ("ACK 0 is proof", "download.c", "transfer_progress(t, STANDING_ANSWERED, now_ms);", "transfer_progress(t, STANDING_PROVEN, now_ms);", 27),
    ("silence repeats the whole window for ever", "download.c", "t->retries > whole ? 1 : t->window", "t->retries > whole + 99 ? 1 : t->window", 1),
    ("silence before proof repeats the whole window", "download.c", "t->standing == STANDING_PROVEN ? DOWNLOAD_WHOLE_REPEATS : 0", "DOWNLOAD_WHOLE_REPEATS", 27),
    ("patience is not bounded", "transfer_wait.c", "return t->progress_ms + (has_taken_data(t)", "return UINT64_MAX / 2 + (has_taken_data(t)", 27),
    ("who never took data is waited for as long as others", "transfer_wait.c", "t->silence_s : t->unproven_s)", "t->silence_s : t->silence_s)", 27),
    ("a slow disk is the client's silence", "download.c", "        t->progress_ms = now_ms;\n", "", 163),
    ("a stranger need not pay", "transfer_credit.c", "    if (bytes > t->credit)\n        return false;\n", "", 139),
    ("a bare request is paid for by its bytes", "transfer_credit.c", "bool is_bare = !t->is_upload && t->agreement.granted_count == 0;", "bool is_bare = false;", 1),
    ("a stored upload is gone at once", "transfer.c", "t->wait_ms = TRANSFER_DALLY_MS;", "t->wait_ms = 1;", 1),
    ("who ended still waits for its turn", "turns.c", "    *place = turn->next;\n", "    (void)0;\n", 291),
    ("a bucket that was emptied keeps its place", "turns.c", "    for (uint32_t left = turns->waiting; left > 0; left--) {",
     "    for (uint32_t left = 0; left > 0; left--) {", 291),
    ("who left is still counted in its bucket", "turns.c", "    turns->buckets[bucket].members--;\n", "", 1),
    ("all transfers answer from the same place", "tids.c", "uint32_t place = random % tids->places;", "uint32_t place = 0 * random;", 131),
    ("users of a port are not counted", "tids.c", "    tids->tids[number].users++;\n    tids->tids[number].used_ms", "    tids->tids[number].used_ms", 1),
    # Of the boot companion.
    ("a proxy gives an address", "offer.c", "dhcp4_write_address(bytes + DHCP4_SIADDR,", "dhcp4_write_address(bytes + DHCP4_YIADDR,", 1),
    ("option 82 is not echoed", "offer.c", "if (dhcp4_has(request, DHCP4_AGENT))", "if (false)", 1),
    ("an offer has no END", "offer.c", "writer_put_byte(&writer, TLV_END);", "writer_put_byte(&writer, 0);", 1),
    ("a direct offer has no file", "decide.c", "if (!vendor.is_menu && !says_later)", "if (vendor.is_menu)", 1),
    ("an answer of port 4011 goes to port 68", "decide.c", "reply->to = q->asked->arrival.source;",
     "reply->to = q->asked->arrival.source;\n        reply->to.port = BOOT_PORT_CLIENT;", 1),
    ("a relay's client is answered by broadcast", "decide.c", "} else if (!endpoint_is_unspecified(&q->packet.giaddr)) {",
     "} else if (q->packet.hops > 9) {", 1),
    ("the REQUEST to a DHCP server is answered", "decide.c", "packet->has_item && is_our_name(q) ?", "packet->hops < 9 ?", 1),
    ("replies are taken for requests", "decide.c", "if (q->packet.is_reply)", "if (q->packet.hops > 9)", 1),
    ("every relay is admitted", "decide_parts.c", "return BOOT_RELAY_REFUSED;", "return BOOT_NOTHING_AGAINST;", 1),
    ("every source is one of a client", "decide_parts.c", "!is_client_port || !decide_is_other_host(question, source)", "false", 1),
    ("iPXE is given what firmware is", "match.c", "    if (machine->is_ipxe)\n        return rule->machines.is_ipxe;\n", "", 1),
    ("ignore is not looked at", "match.c", "else if (action == BOOT_IGNORE)", "else if (action == BOOT_SHARED)", 1),
    ("who waits is answered", "match.c", "action == BOOT_WAIT && !is_approved", "action == BOOT_SHARED && !is_approved", 1),
    ("a one-shot entry is never spent", "boot.c", "if (begins_once(decision))", "if (begins_once(decision) && now_ms == 0)", 1),
    ("a one-shot entry is spent with its first answer", "marks.c", ">= BOOT_ONCE_MS;", ">= 1;", 1),
    ("a client has no limit", "limits.c", "BOOT_CLIENT_LIMIT, true}", "BOOT_CLIENT_LIMIT, false}", 1),
    ("BOOTP gives a stranger the first address of the table", "decide_bootp.c",
     "if (!who_is(&host->who, &decision->machine.identity))", "if (packet->hops > 9)", 1),
    # Our own client: worlds of asking.c.
    ("a request is repeated from another port", "exchange_request.c", "    x->owes_request = false;\n    x->wait_ms", "    x->owes_request = false;\n    x->is_open[x->line] = false;\n    x->wait_ms", 1),
    ("a larger blksize than asked for is taken", "exchange_request.c", " && value <= x->asked_blksize", "", 1),
    ("a server that is silent to options is never asked without", "exchange_request.c", "has_options(x) && !x->setup.is_options_only && is_bare_turn", "false", 741),
    ("blocks that never arrive are waited for to the end", "exchange_request.c", "if (blksize == 0 || !may_begin_anew(x))", "if (true)", 817),
    ("an attempt begins anew with a window that got through", "exchange_request.c", "x->is_window_whole || x->window_tries < EXCHANGE_WINDOW_TRIES", "x->window_tries < EXCHANGE_WINDOW_TRIES", 1),
    ("a stranger's packet is the server's", "exchange.c", "line == x->line && endpoint_equal(from, &x->tid)", "line == x->line", 282),
    ("any address may answer", "exchange.c", "bool is_server = endpoint_same_address(from, &x->setup.server);\n    struct packet", "bool is_server = true;\n    struct packet", 489),
    ("each packet of a stranger is answered", "exchange.c", "|| !is_new_stranger(x, line, from))", ")", 1),
    ("no dallying", "exchange.c", "    x->deadline_ms = now_ms + wait_of_trip_ms(x);", "    x->deadline_ms = now_ms;", 1),
    ("a short file is stored", "exchange_get.c", " || (x->is_complete && x->wire_bytes != announced)", "", 185),
    ("a short block does not end a get", "exchange_get.c", "x->is_complete = data.size < x->report.blksize;", "x->is_complete = data.size == 0;", 1),
    ("an old block is stored once more", "exchange_get.c", "packet->block == wire_block(x, x->moved + 1)", "(packet->block == wire_block(x, x->moved + 1) || packet->block == wire_block(x, x->moved))", 1),
    ("every packet behind a gap is answered", "exchange_get.c", " || x->gap_at == x->moved", "", 1),
    ("a repeated last block is not acknowledged", "exchange_get.c", "    x->owes_reply = x->is_repeat = true;\n    x->report.resent++;\n}\n\n/* Some", "}\n\n/* Some", 1),
    ("1 behind 65535 is taken for lost", "exchange_get.c", "x->rollover = 1;", "x->rollover = 0;", 719),
    ("a second ACK makes a block be sent", "exchange_put.c", "x->report.windowsize > 1 && block == x->acked", "block == x->acked", 1),
    ("an ACK of what was not sent is believed", "exchange_put.c", "block > x->acked && block <= x->high", "block > x->acked", 1),
    ("a file of its own is called another's", "exchange_request.c", "bool is_ours_perhaps = packet->code == ERROR_CODE_EXISTS &&", "bool is_ours_perhaps = false &&", 9000678),
    ("everything sent counts as stored", "exchange_put.c", "exchange_fail(x, put_has_sent_all(x) ? CAUSE_UNCONFIRMED : CAUSE_STOPPED)", "exchange_fail(x, put_has_sent_all(x) ? CAUSE_DONE : CAUSE_STOPPED)", 1),
    ("no empty block behind a multiple of blksize", "exchange_put.c", "    if (is_end && x->filled < x->report.blksize) {", "    if (is_end || x->file_bytes == x->setup.size) {", 1),
    ("the wait never grows", "exchange_wait.c", "    x->wait_ms = doubled_ms(x, x->wait_ms);\n", "", 1),
    ("blocks do not wait for their turn", "exchange_put.c", "    pace_spend(&x->pace, size_of(x, x->moved), now_ms);\n", "", 1),
    ("acknowledgments do not wait for their turn", "exchange_get.c", "    pace_spend(&x->pace, data.size, now_ms);\n", "", 1),
    # Its probe: worlds of probing.c.
    ("a limit of blocks is one too small", "block_search.c", "return search->lost == search->arrived + 1;", "return search->lost <= search->arrived + 2;", 1),
    ("a limit of blocks is never proved", "block_search.c", "    if (is_proof && !is_last) {", "    if (is_proof && is_last) {", 1),
    ("an exchange is left without its end", "sounding.c", "bool is_told = s->tid.port != 0 && end != SOUNDING_ERROR;", "bool is_told = s->tid.port != 0 && end == SOUNDING_BROKEN;", 1),
    ("requests follow at once", "probe.c", "        p->next_request_ms = now_ms + PROBE_REQUEST_GAP_MS;\n", "        p->next_request_ms = now_ms;\n", 1),
    ("any address may answer", "sounding.c", "bool is_server = endpoint_same_address(from, &s->setup.server);\n    bool is_tid", "bool is_server = true;\n    bool is_tid", 1),
    ("a torn window counts as whole", "sounding_receive.c", "    r->torn++;\n", "    r->whole++;\n", 1),
    ("what is behind a gap is acknowledged", "sounding_receive.c", "    close_window(s, row, now_ms);", "    close_window(s, window_blocks(s), now_ms);", 1),
    ("1 behind 65535 is taken for nothing", "sounding_receive.c", "s->report.goes_on_with_one = true;", "s->report.goes_on_with_one = false;", 1),
    ("a window that is cut is taken for loss", "findings.c", "        if (w->whole == 0 &&", "        if (w->whole == 1 &&", 1),
    ("a bare request is never tried", "probe_steps.c", "    return answer->end == SOUNDING_SILENT || answer->end == SOUNDING_BROKEN || is_about_options(answer);", "    return answer->end == SOUNDING_BROKEN;", 1),
    ("a block is given up before it can be there", "probe_measure.c", "        setup->wait_ms = 2 * setup->wait_ms > LAST_WAIT_MS ? 2 * setup->wait_ms : LAST_WAIT_MS;", "        setup->wait_ms = 1;", 1),
    ("patience begins anew with each repetition", "exchange_wait.c", "    x->silent++;\n", "    x->silent++;\n    x->progress_ms = now_ms;\n", 1),
]


def flags():
    return ["gcc", "-std=c11", "-O2", "-w", "-I.", "-Isrc"]


def sources(place):
    return sorted(os.path.join(folder, file) for folder, _, files in os.walk(place) for file in files if file.endswith(".c"))


def source_of(name):
    [path] = [path for path in sources("src/core") if os.path.basename(path) == name]
    return path


def hunt_of(name):
    hunts = {"client": "hunt-asking", "probe": "hunt-probing"}
    return hunts.get(os.path.basename(os.path.dirname(source_of(name))), "hunt")


def objects_without(path):
    found = ["%s/obj/%s.o" % (BUILD, source[:-2]) for place in ("src/core", "tests/simulation", "tests/unit")
             for source in sources(place) if source != path]
    return [file for file in found if os.path.exists(file)]  # of tests/unit only two are needed


def run(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=SECONDS_MAX)
        return done.returncode, done.stdout + done.stderr
    except subprocess.TimeoutExpired:
        return None, "it does not come to an end within %d seconds" % SECONDS_MAX


def hunt(number, fault):
    """Returns (is it found, what there is to say)."""
    what, name, text, other, first = fault
    path = source_of(name)
    with open(path, encoding="utf-8") as file:
        source = file.read()
    for before, after in zip(text, other) if isinstance(text, tuple) else [(text, other)]:
        if source.count(before) != 1:
            return False, "the text is in %s %d times, and should be there once: %s" % (name, source.count(before), before)
        source = source.replace(before, after)
    folder = "%s/mutants/%d" % (BUILD, number)
    os.makedirs(folder, exist_ok=True)
    with open(folder + "/" + name, "w", encoding="utf-8") as file:
        file.write(source)
    code, said = run(flags() + ["-o", folder + "/simulate", folder + "/" + name] + objects_without(path))
    if code != 0:
        return False, said
    code, said = run([folder + "/simulate", hunt_of(name), str(WORLDS_MAX), str(first)])
    os.remove(folder + "/simulate")
    if code == 1:
        return True, said.splitlines()[0]
    return False, "not found in %d worlds from seed %d on (exit code %s)\n%s" % (WORLDS_MAX, first, code, said)


def check_core(faults):
    """The worlds that the hunts begin with, and as many from 1 on as a hunt may take."""
    begins = {(hunt_of(fault[1]), fault[4]) for fault in faults}
    code, said = 0, ""
    for hunt_name in sorted({name for name, _ in begins}):
        if code == 0:
            code, said = run([BUILD + "/simulate", hunt_name, str(WORLDS_MAX), "1"])
    for hunt_name, first in sorted(begins):
        if code == 0:
            code, said = run([BUILD + "/simulate", hunt_name, "20", str(first)])
    return code == 0, said


def main():
    chosen = [fault for fault in FAULTS if len(sys.argv) < 2 or sys.argv[1] in fault[0]]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [("the core as it is passes all these worlds", pool.submit(check_core, chosen))]
        jobs += [(fault[0], pool.submit(hunt, number, fault)) for number, fault in enumerate(chosen)]
        print("1..%d" % len(jobs))
        for number, (what, job) in enumerate(jobs, 1):
            is_good, said = job.result()
            failed += not is_good
            print("%s %d - %s" % ("ok" if is_good else "not ok", number, what))
            print("".join("#   %s\n" % line for line in said.splitlines()[:30]), end="", flush=True)
    return 1 if failed else 0


sys.exit(main())
