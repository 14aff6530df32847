"""The normaliser `news-v1`: what every text passes before the model sees it, here and in src/detector/clean.ts.

The shared fixtures in test/fixtures/detector/fixtures.jsonl hold both to the same characters.
"""
import html
import re
import unicodedata

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

MOJI = [('â€™',"'"),('â€˜',"'"),('â€œ','"'),('â€\x9d','"'),('â€�','"'),('â€“','-'),('â€”','-'),('â€¦','...'),('â€','"'),('Â ',' '),('Â','')]
def normalize(t: str) -> str:
    if not t: return ''
    if 'â€' in t or 'Â' in t:
        for a,b in MOJI: t = t.replace(a,b)
    t = html.unescape(html.unescape(t))
    t = unicodedata.normalize('NFKC', t)
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
