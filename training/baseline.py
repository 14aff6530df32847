"""What a bag of words reaches on the same rows: TF-IDF with logistic regression, and the predictions to measure it by."""
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from .data import Row, one_pass


def tfidf(rows: list[Row], seed: int, without: tuple[str, ...] = ()) -> Pipeline:
    """Fitted on one pass of the training mix, words and pairs of words."""
    mix = one_pass(rows, seed, 0, without)
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, max_features=100_000, strip_accents="unicode")
    return make_pipeline(words, LogisticRegression(C=4, max_iter=400)).fit(
        [row.text for row in mix], [row.label for row in mix]
    )
