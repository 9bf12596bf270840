"""Lists of numbers in place of arrays: every function refuses them by name, not with an AttributeError."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chaingrad.functions as F
from tests.test_functions import CASES, OLD_NAMES, configured, problems

PUBLIC = [case for case in CASES if case.arity and case.call is getattr(F, case.name)]


@pytest.mark.filterwarnings(OLD_NAMES)
@pytest.mark.parametrize('case', PUBLIC, ids=str)
@settings(max_examples=2)
@given(data=st.data())
def test_a_list_is_named(case, data):
    problem = data.draw(problems(case))
    lists = [x.tolist() for x in problem.xs]
    with configured(case), pytest.raises(TypeError, match='must be .*(array|Variable)') as caught:
        case.call(*lists, **problem.options)
    assert not isinstance(caught.value.__cause__, AttributeError)
