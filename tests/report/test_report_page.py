"""The report: what its sentences say, and that the page stands on its own."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import pandas as pd
import pytest
from fabricate import comparison, result

from reformsim.analysis import compare, measure_runs
from reformsim.errors import ReformsimError
from reformsim.figures import Picture
from reformsim.figures.style import new_figure
from reformsim.record import EventRecord
from reformsim.report import headlines, write_report
from reformsim.report.numbers import interval, listed, shown, signed, trimmed
from reformsim.report.page import _event_in_words

VOID = {"meta", "img", "br", "link", "input", "hr"}
PICTURE = Picture("leadership", "Leadership", "A <caption>.", 'Lines & "points".', new_figure(2, 1))


class Page(HTMLParser):
    """Reads a page, and fails if its tags are not closed in order."""

    def __init__(self, text):
        super().__init__()
        self.open: list[str] = []
        self.tags: list = []
        self.words: list[str] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


def runs(**strategies):
    rows = [
        {
            "district": "testville",
            "condition": "stable",
            "strategy": strategy,
            "seed": 0,
            "replicate": replicate,
            "leadership_gain_4y": 0.2 if value else 0.0,
            "leadership_gain_end": value,
        }
        for strategy, values in strategies.items()
        for replicate, value in enumerate(values)
    ]
    return pd.DataFrame(rows)


def said(table, **choices):
    return headlines(compare(table), "stable", **choices)


class TestHeadlines:
    def test_who_ends_highest_and_how_sure_that_is(self):
        table = runs(
            status_quo=[0.0] * 4,
            web_of_support=[0.10, 0.11, 0.09, 0.10],
            external_coaching=[0.02, -0.02, 0.01, -0.01],
            principal_training=[-0.03, -0.04, -0.03, -0.04],
            equity_first=[0.05, 0.06, 0.05, 0.06],
        )
        assert said(table) == [
            (
                "Web of support ends with the largest leadership gain over Status quo: +0.100, interval"
                " 0.087 to 0.113 on a scale from 0 to 1."
            ),
            "That is 50\u00a0% of what it had gained by year 4 (+0.200).",
            "It is better than Status quo in 4 of 4 replicates; 5–95 % of them gain 0.091 to 0.108.",
            (
                "It is better than Equity first, the next best, in 4 of 4 replicates (lead +0.045,"
                " interval 0.036 to 0.054)."
            ),
            "Also clearly above Status quo: Equity first (+0.055).",
            "Clearly below Status quo: Principal training (−0.035, interval −0.044 to −0.026).",
            (
                "External coaching (0.000, interval −0.029 to 0.029): consistent with no difference"
                " from Status quo in 4 replicates."
            ),
        ]

    def test_a_lead_that_could_be_chance_is_called_consistent_with_none(self):
        table = runs(
            status_quo=[0.0] * 3, web_of_support=[0.11, 0.10, 0.12], equity_first=[0.10, 0.11, 0.11]
        )
        (lead,) = (sentence for sentence in said(table) if "next best" in sentence)
        assert lead.startswith(
            "It is better than Equity first, the next best, in 2 of 3 replicates"
        )
        assert lead.endswith(": consistent with no difference.")

    def test_nothing_clear_is_said_plainly(self):
        sentences = said(runs(status_quo=[0.0] * 2, web_of_support=[0.3, 0.01]))
        assert sentences[0] == "No strategy ends clearly above Status quo."
        assert "consistent with no difference from Status quo in 2 replicates" in sentences[1]

    def test_one_replicate_gives_numbers_but_no_certainty(self):
        sentences = said(runs(status_quo=[0.0], web_of_support=[0.3]), titles={"status_quo": "Now"})
        assert "differs from Now as follows: Web of support (+0.300)" in sentences[0]
        assert "no interval" in sentences[1]

    def test_the_baseline_alone(self):
        assert said(runs(status_quo=[0.0])) == ["No strategy besides Status quo was simulated."]


class TestReport:
    def written(self, tmp_path, results=None, **choices):
        results = results or comparison(
            conditions=("stable", "severe-recession"), replicates=3, span_of_control=12.0
        )
        measured = measure_runs(results)
        path = write_report(
            tmp_path / "out" / "report.html",
            results=results,
            runs=measured,
            table=compare(measured),
            pictures=[PICTURE],
            version="9.9.9",
            **choices,
        )
        return path.read_text(encoding="utf-8")

    def test_the_page_stands_on_its_own(self, tmp_path):
        text = self.written(tmp_path, command="reformsim compare --replicates 3")
        page = Page(text)
        assert page.all("html") == [{"lang": "en-GB"}]
        assert not re.search(r"""(src|href)=["'](?!data:|#)""", text)
        assert len(page.all("script")) == 1
        assert not page.all("link")
        assert "@import" not in text
        assert "url(" not in text
        targets = {attrs["href"][1:] for attrs in page.all("a")}
        assert targets <= {attrs["id"] for _, attrs in page.tags if "id" in attrs}
        (image,) = page.all("img")
        assert image["alt"] == PICTURE.alt
        assert image["src"].startswith("data:image/png;base64,")
        assert "A &lt;caption&gt;." in text
        assert all("scope" in attrs for attrs in page.all("th"))
        words = " ".join(" ".join(page.words).split())
        for phrase in (
            "hypotheses, not forecasts",
            "has not been calibrated",
            "version 9.9.9",
            "3 (number 0 to 2)",
            "reformsim compare --replicates 3",
            "Span of control: 24 → 12 principals per supervisor",
            "Does a whole system of support last where its parts alone do not?",
        ):
            assert phrase in words

    def test_only_what_is_clear_is_bold(self, tmp_path):
        results = comparison(replicates=3)
        text = self.written(tmp_path, results)
        table = compare(measure_runs(results))
        row = table[
            (table["measure"] == "leadership_gain_end") & (table["strategy"] == "web_of_support")
        ].iloc[0]
        assert row["clear"]
        assert f'<td class="clear">{signed(row["difference"], "points on [0, 1]")}<small>' in text
        # All runs have the same turnover.
        notes = ("[0.000 to 0.000]", "0.000 to 0.000", "0 of 3")
        small = "".join(f"<small>{note}</small>" for note in notes)
        assert f"<td>0.000{small}</td>" in text

    def test_the_same_arguments_give_the_same_bytes(self, tmp_path):
        assert self.written(tmp_path) == self.written(tmp_path)

    def test_one_run_alone_is_reported_too(self, tmp_path):
        text = self.written(
            tmp_path, [result()], title="Just one", titles={"testville": "Our town"}
        )
        assert "<title>Just one</title>" in text
        assert "The district: Our town" in text
        assert "No strategy besides Status quo was simulated." in text

    def test_names_are_escaped(self, tmp_path):
        text = self.written(tmp_path, titles={"testville": "<script>alert(1)</script>"})
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)" in text

    def test_only_its_own_style_and_script_may_run(self, tmp_path):
        page = Page(self.written(tmp_path))
        (policy,) = [
            attrs["content"]
            for attrs in page.all("meta")
            if attrs.get("http-equiv") == "Content-Security-Policy"
        ]
        rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
        assert rules.pop("default-src") == rules.pop("base-uri") == rules.pop("form-action")
        assert rules.pop("img-src") == "data:"
        text = self.written(tmp_path)
        for tag in ("style", "script"):
            (content,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
            digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
            assert rules.pop(f"{tag}-src") == f"'sha256-{digest}'"
        assert not rules
        assert not [attrs for _, attrs in page.tags if "style" in attrs]
        assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]

    def test_printed_it_is_unfolded_and_nothing_is_cut(self, tmp_path):
        text = self.written(tmp_path)
        printed = text.partition("@media print {")[2].partition("</style>")[0]
        for rule in (
            "details::details-content { content-visibility: visible; block-size: auto; }",
            ".scroll { overflow: visible; }",
            "pre { overflow: visible; white-space: pre-wrap; }",
            "pre, code { overflow-wrap: anywhere; }",
        ):
            assert rule in printed
        assert 'addEventListener("beforeprint"' in text

    def test_hostile_titles_are_text_everywhere(self, tmp_path):
        title = '"><img src=x onerror=alert(1)>{{ 7 * 7 }}\u202e\x07'
        names = ("testville", "stable", "severe-recession", "status_quo", "web_of_support")
        text = self.written(
            tmp_path,
            titles=dict.fromkeys(names, title),
            questions=dict.fromkeys(names, title),
            command=title,
        )
        page = Page(text)
        assert len(page.all("img")) == 1
        assert "{{ 7 * 7 }}" in text
        assert not {"\u202e", "\x07"} & set(text)
        assert '"><img src=x onerror=alert(1)>{{ 7 * 7 }}\ufffd\ufffd' in "".join(page.words)

    def test_costs_are_told_under_every_condition(self, tmp_path):
        text = self.written(tmp_path)
        captions = re.findall(r"Extra dollars per pupil a year. Condition: (.*?)\.<", text)
        assert captions == ["Stable", "Severe recession"]

    def test_what_cannot_be_reported(self, tmp_path):
        with pytest.raises(ReformsimError, match="no runs"):
            self.written_from([], tmp_path)
        other = result()
        other.scenario = other.scenario.replace(names={"district": "elsewhere"})
        with pytest.raises(ReformsimError, match="one district, not on 2"):
            self.written_from([result(), other], tmp_path)

    def written_from(self, results, tmp_path):
        nothing = pd.DataFrame()
        write_report(tmp_path / "a.html", results=results, runs=nothing, table=nothing, version="1")


def test_numbers_as_a_reader_sees_them():
    assert shown(-0.0004, "student SD") == "0.000"
    assert shown(-1234.5, "$ per pupil a year") == "−1,234"
    assert shown(float("nan"), "months") == "–"
    assert signed(0.0004, "student SD") == "0.000"
    assert signed(0.25, "share of schools") == "+0.25"
    assert interval(float("nan"), 1.0, "months") == "–"
    assert interval(-1.0, 12.0, "months") == "−1 to 12"
    assert interval(-0.0001, 0.004, "student SD") == "−0.000 to 0.004"
    assert [listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])] == [
        *("", "a", "a and b", "a, b and c"),
    ]
    assert [trimmed(24.0), trimmed(14000), trimmed(-0.5), trimmed("x")] == [
        *("24", "14,000", "−0.5", "x"),
    ]


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (
            {"type": "revenue_shock", "month": 24, "depth": 0.08, "recovery": 48},
            (
                "Recession, 2 years after the launch (depth 8\u00a0%, ramp 12 months, hold 12 months,"
                " recovery 48 months)"
            ),
        ),
        (
            {"type": "revenue_shock", "month": -12, "depth": 0.06, "permanent": True},
            (
                "Permanent cut, 1 year before the launch (depth 6\u00a0%, ramp 12 months,"
                " hold 12 months)"
            ),
        ),
        (
            {"type": "crisis", "month": 30, "load": 0.3},
            "Crisis, 2.5 years after the launch (12 months, load 30\u00a0%)",
        ),
        (
            {"type": "principal_departure", "month": 12, "school": 3},
            "Principal departure, 1 year after the launch (school 3)",
        ),
        (
            {"type": "superintendent_departure", "month": 36},
            "Superintendent departure, 3 years after the launch",
        ),
        (
            {"type": "central_departure", "month": 30, "unit": "teaching_learning"},
            "Central departure, 2.5 years after the launch (unit teaching learning, who strongest)",
        ),
        (
            {"type": "principal_departures", "month": 12, "principals": 2},
            "Principal departures, 1 year after the launch (principals 2, who random)",
        ),
        (
            {"type": "board_turnover", "month": {"low": 6, "high": 30}, "capital_lost": 0.5},
            ("Board turnover, drawn from months 6 to 30 after the launch (capital lost 50\u00a0%)"),
        ),
        (
            {
                "type": "union_conflict",
                "month": 12,
                "months": {"low": 3, "high": 9},
                "severity": {"low": 0.25, "high": 0.5},
            },
            (
                "Union conflict, 1 year after the launch (severity 25\u00a0% to 50\u00a0%,"
                " 3 to 9 months)"
            ),
        ),
    ],
)
def test_events_in_words(event, words):
    (made,) = result(events=[event]).scenario.events
    assert _event_in_words(made) == words


class TestHowSure:
    """What stands beside a mean, and what is not shown as a number."""

    def page(self, tmp_path, results):
        measured = measure_runs(results)
        path = write_report(
            tmp_path / "report.html",
            results=results,
            runs=measured,
            table=compare(measured),
            version="1",
        )
        return path.read_text(encoding="utf-8")

    def test_costs_are_those_beyond_the_baseline(self, tmp_path):
        text = self.page(tmp_path, comparison(replicates=3))
        costs = text.partition('id="costs"')[2].partition("</section>")[0]
        assert "Extra dollars per pupil a year" in costs
        assert "Status quo</th>" not in costs
        assert "Coaches" not in costs  # 60 dollars in every run: nothing extra
        assert re.search(r"Web of support</th><td class=\"clear\">\+\d", costs)

    def test_no_table_has_the_absolute_cost(self, tmp_path):
        text = self.page(tmp_path, comparison(replicates=3))
        every = text.partition("All measures</summary>")[2].partition("</table>")[0]
        assert ">Extra cost</td>" in every
        assert ">Extra cost, costliest year</td>" in every
        assert ">Cost</td>" not in every

    def test_what_is_defined_in_one_run_of_six_is_a_count(self, tmp_path):
        results = comparison(replicates=6)
        (alone,) = (
            run
            for run in results
            if run.replicate == 2 and run.scenario.names.strategy == "web_of_support"
        )
        alone.events = [*alone.events, EventRecord(24, "contract_end", "coach", "district", 24.0)]
        text = self.page(tmp_path, results)
        numbers = text.partition('id="numbers"')[2].partition("</table>")[0]
        assert "<td>in 1 of 6 runs</td>" in numbers

    def test_the_next_best_is_named_with_its_lead(self, tmp_path):
        text = self.page(tmp_path, comparison(replicates=3))
        assert "<li>Web of support over Heroic superintendent: +" in text
        assert re.search(r"\], better in \d of 3</li>", text)
