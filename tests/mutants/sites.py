"""
Where a source file of C can be changed, and how: the operators, bounds, signs, constants and truth values that a lexer of our
own finds outside comments, strings, preprocessor lines and assertions. It relies on the layout of .clang-format: a binary
operator has a blank or a line's end behind it, a unary one has not; what begins in the first column begins a definition.
"""
import collections
import re

# A change of one place: `before` at `start` becomes `after`. `where` names the definition around it, and with "#2" that it is the
# second such line there: with the two lines it tells the change from every other, wherever the lines of the file go.
Mutation = collections.namedtuple("Mutation", "file line start before after where old_line new_line")

TOKEN = re.compile(r"""
    (?P<comment> /\*.*?\*/ | //[^\n]* )
  | (?P<directive> ^[ \t]*\#(?:\\\n|[^\n])* )
  | (?P<string> (?:u8|[LuU])?"(?:\\.|[^"\\\n])*" )
  | (?P<char> '(?:\\.|[^'\\\n])+' )
  | (?P<number> \b(?:0[xX][0-9a-fA-F]+|[0-9]+)[uUlL]*\b )
  | (?P<word> [A-Za-z_]\w* )
  | (?P<operator> <<=|>>=|\.\.\.|->|\+\+|--|&&|\|\||[-+*/%&|^<>=!]=|<<|>>|[^\s\w] )
""", re.S | re.M | re.X)

BINARY = {
    "<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"], "==": ["!="], "!=": ["=="],
    "&&": ["||"], "||": ["&&"], "+": ["-"], "-": ["+"], "*": ["/"], "/": ["*"], "%": ["/"],
    "&": ["|"], "|": ["&"], "^": ["|"], "<<": [">>"], ">>": ["<<"],
    "+=": ["-="], "-=": ["+="], "*=": ["/="], "/=": ["*="], "%=": ["/="], "&=": ["|="], "|=": ["&="], "^=": ["|="],
    "<<=": [">>="], ">>=": ["<<="],
}
STEPS = {"++": ["--"], "--": ["++"]}
UNARY = {"!": [""], "-": [""], "~": [""]}
TRUTH = {"true": ["false"], "false": ["true"]}
ASSERTIONS = {"ASSERT", "_Static_assert", "static_assert"}
OPENING, CLOSING = "([{", ")]}"


class Token:
    def __init__(self, match):
        self.kind, self.text = match.lastgroup, match.group()
        self.start, self.end = match.span()


def tokens_of(source):
    return [token for token in map(Token, TOKEN.finditer(source)) if token.kind not in ("comment", "directive")]


def closing_of(tokens, opening):
    """The index of the bracket that closes the one at `opening`."""
    depth = 0
    for i in range(opening, len(tokens)):
        if tokens[i].kind == "operator":
            depth += (tokens[i].text in OPENING) - (tokens[i].text in CLOSING)
            if depth == 0:
                return i
    raise ValueError("a bracket is not closed")


def opening_of(tokens, closing):
    depth = 0
    for i in range(closing, -1, -1):
        if tokens[i].kind == "operator":
            depth += (tokens[i].text in CLOSING) - (tokens[i].text in OPENING)
            if depth == 0:
                return i
    raise ValueError("a bracket is not opened")


def without_assertions(tokens):
    """An assertion is a test itself: nobody can notice that it asks for less."""
    left, i = [], 0
    while i < len(tokens):
        if tokens[i].text in ASSERTIONS:
            i = closing_of(tokens, i + 1)
        else:
            left.append(tokens[i])
        i += 1
    return left


def constants(token):
    if token.kind == "char":
        return ["(%s + 1)" % token.text, "(%s - 1)" % token.text]
    digits, suffix = re.fullmatch(r"(.*?)([uUlL]*)", token.text).groups()
    value = int(digits, 8 if re.fullmatch("0[0-7]+", digits) else 0)
    write = "0x%x" if digits[:2] in ("0x", "0X") else "%d"
    return [write % other + suffix for other in (value + 1, value - 1) if other >= 0]


def replacements(source, token):
    if token.kind in ("number", "char"):
        return constants(token)
    if token.kind == "word":
        return TRUTH.get(token.text, [])
    if token.text in STEPS:
        return STEPS[token.text]
    if source[token.end:token.end + 1] in (" ", "\n"):
        return BINARY.get(token.text, [])
    return UNARY.get(token.text, [])


def is_bare(tokens):
    """No operator that could be changed by itself: a name, a member, a call."""
    return bool(tokens) and all(token.kind != "operator" or token.text in ("(", ")", "[", "]", ",", ".", "->")
                                for token in tokens)


def conditions(tokens):
    """Spans (first, last) of bare conditions: of if and while, and before a question mark."""
    for i, token in enumerate(tokens):
        if token.text in ("if", "while") and token.kind == "word":
            yield i + 2, closing_of(tokens, i + 1) - 1
        elif token.text == "?":
            first = i
            while tokens[first - 1].text in (".", "->", ")", "]") or (
                    tokens[first - 1].kind == "word" and tokens[first - 1].text != "return"):
                first = opening_of(tokens, first - 1) if tokens[first - 1].text in (")", "]") else first - 1
            if tokens[first - 1].text in ("=", "(", ",", "return", "["):
                yield first, i - 1


def spans(source, tokens):
    """(start, before, its replacements)"""
    for token in tokens:
        after = replacements(source, token)
        if after:
            yield token.start, token.text, after
    for first, last in conditions(tokens):
        before = source[tokens[first].start:tokens[last].end]
        if is_bare(tokens[first:last + 1]) and "\n" not in before:
            yield tokens[first].start, before, ["!(%s)" % before]


def definition_around(source, start):
    """The name of what the last line with a letter in the first column defines."""
    name = ""
    for match in re.finditer(r"^[A-Za-z_][^\n]*", source[:start + 1], re.M):
        line = source[match.start():source.find("\n", match.start())]
        words = re.match(r".*?(\w+)(\[[^]]*\])*\s*(\(|=|\{|$)", line)
        name = words.group(1) if words else name
    return name


def sites_of(file, source):
    """Each site is the list of the mutations that are possible there."""
    tokens = without_assertions(tokens_of(source))
    sites, seen = [], collections.Counter()
    for start, before, afters in sorted(spans(source, tokens), key=lambda span: span[0]):
        first = source.rfind("\n", 0, start) + 1
        last = source.find("\n", start)
        old_line = source[first:last]
        where = definition_around(source, start)
        site = []
        for after in afters:
            new_line = old_line[:start - first] + after + old_line[start - first + len(before):]
            key = (where, old_line.strip(), new_line.strip())
            seen[key] += 1
            nth = "#%d" % seen[key] if seen[key] > 1 else ""
            site.append(Mutation(file, source.count("\n", 0, start) + 1, start, before, after, where + nth, *key[1:]))
        sites.append(site)
    return sites


def apply(source, mutation):
    assert source.startswith(mutation.before, mutation.start)
    return source[:mutation.start] + mutation.after + source[mutation.start + len(mutation.before):]
