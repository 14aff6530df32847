"""The normalisers `news-v1` and `news-v2`: what every text passes before the model sees it, here and in src/detector/clean.ts.

The shared fixtures in test/fixtures/detector hold both to the same characters, and both read the same table of look-alikes.
"""
import html
import json
import re
import unicodedata
from pathlib import Path

NORMALIZATIONS = ("news-v1", "news-v2")

LOOK_ALIKES = {
    letter: latin
    for letters in json.loads((Path(__file__).parents[1] / "src/detector/look-alikes.json").read_text(encoding="utf-8"))["lookAlikes"].values()
    for letter, latin in letters.items()
}
LOOK_ALIKE = re.compile("[" + "".join(LOOK_ALIKES) + "]")
WORD = re.compile(r"\w+")
# Phonetic letters, which look like plain ones, are not among them.
LATIN = re.compile("[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff]")
INVISIBLE_IN_WORD = re.compile("(?<=\\w)[\u00ad\u034f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]+(?=\\w)")

TAG = re.compile(r'<[^>]{1,200}>')
URL = re.compile(r'(?:https?://|www\.)\S+|\b(?:pic\.twitter\.com|t\.co|bit\.ly)/\S+', re.I)
# "WASHINGTON (Reuters) - ", "NEW YORK (AP) --", "(CNN) ", "BEIRUT/GENEVA, Dec 3 (Reuters) –"
DATELINE = re.compile(r'^\s*(?:[A-Z][\w.,/\'’ \-]{0,60})?\(\s*(?:Reuters|AP|AFP|CNN|UPI|Associated Press|Thomson Reuters Foundation)[^)]{0,40}\)\s*(?:[-–—:]+\s*)?', re.I)
AGENCY = re.compile(r'\(\s*(?:Reuters|AP|AFP|CNN|UPI)\s*\)', re.I)
WORDS = re.compile(r'\b(?:thomson\s+)?reuters\b', re.I)
# credit lines / site boiler-plate seen in the ISOT fakes
CREDIT = re.compile(r'(?:featured image|photo(?:s)?|image(?:s)?|screen ?(?:shot|capture|grab)|via:?)\s*(?:via|by|credit|courtesy)?[:\s][^.]{0,80}(?:getty images|getty|youtube|twitter|screenshot|wikimedia|flickr)[^.]{0,30}\.?', re.I)
VIDTAG = re.compile(r'\[\s*(?:video|watch|images?|tweets?|photos?|details)\s*\]|\(\s*(?:video|watch|images?|tweets?|photos?|details|video/transcript)\s*\)', re.I)
DQUOTE = re.compile('["“”„«»]+|``|\'\'')
APOS = re.compile('[’‘ʼ`´]')
BROKEN_NT2 = re.compile(r"\b(don|doesn|didn|isn|aren|wasn|weren|haven|hasn|hadn|wouldn|couldn|shouldn|won|ain|can|mustn|needn) t\b", re.I)
BROKEN_S = re.compile(r"\b([A-Za-z]{2,}) (s|re|ve|ll) (?=[a-z])")
SPACES = re.compile(r'\s+')
CTRL = re.compile(r'[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u00ad\u200b-\u200f\u2028\u2029\u202a-\u202e\u2060\ufeff\ufffd]')

# The C1 controls, which news-v1 lets through.
LATER_CTRL = re.compile(r'[\u0080-\u009f]')

MOJI = [('â€™',"'"),('â€˜',"'"),('â€œ','"'),('â€\x9d','"'),('â€�','"'),('â€“','-'),('â€”','-'),('â€¦','...'),('â€','"'),('Â ',' '),('Â','')]

def undisguised(t: str) -> str:
    """Invisible characters inside words deleted; look-alikes folded in words that hold a Latin letter."""
    t = INVISIBLE_IN_WORD.sub('', t)
    if not LOOK_ALIKE.search(t): return t
    return WORD.sub(lambda m: LOOK_ALIKE.sub(lambda l: LOOK_ALIKES[l[0]], m[0]) if LATIN.search(m[0]) else m[0], t)

def normalize(t: str, normalization: str = "news-v1") -> str:
    if normalization not in NORMALIZATIONS: raise ValueError(f"no normaliser is called {normalization!r}")
    if not t: return ''
    if 'â€' in t or 'Â' in t:
        for a,b in MOJI: t = t.replace(a,b)
    t = html.unescape(html.unescape(t))
    t = unicodedata.normalize('NFKC', t)
    if normalization == "news-v2": t = LATER_CTRL.sub(' ', undisguised(t))
    t = CTRL.sub(' ', t)
    t = TAG.sub(' ', t)
    t = URL.sub(' ', t)
    t = VIDTAG.sub(' ', t)
    t = DATELINE.sub('', t, count=1)
    t = AGENCY.sub(' ', t)
    t = WORDS.sub(' ', t)
    t = CREDIT.sub(' ', t)
    t = APOS.sub("'", t)
    t = DQUOTE.sub(' ', t)
    t = BROKEN_NT2.sub(r"\1't", t)
    t = BROKEN_S.sub(r"\1'\2 ", t)
    t = SPACES.sub(' ', t).strip()
    return t
