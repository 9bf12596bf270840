"""Values that links and extensions report while a model runs, and their means."""

from chaingrad.links.reporter import DictSummary, Reporter, Summary, get_current_reporter, report, report_scope

__all__ = ['DictSummary', 'Reporter', 'Summary', 'get_current_reporter', 'report', 'report_scope']
