# Debts in instalments: the rule's reasons and errors. The same keys are in it/plans.ftl.

plan-why-nothing = There are no overdue debts to divide.
plan-why-below = The overdue debt is { $debt }: instalments can be asked for from { $minimum } on.
plan-why-one = The overdue debt is too small to be divided: every instalment must be { $minimum } at least.
error-plan-not-offered = The municipality does not offer instalments: write to the office.
error-plan-open = There is an open request or plan already: look at that one.
error-plan-number = Choose a number of instalments from 2 to { $most }.
error-plan-state = This plan has changed meanwhile: look at it again.
error-plan-debts = The debts have changed meanwhile: look at the instalments again before accepting.
error-plan-first-due = The first instalment must be due after today and by { $latest }.
error-plan-reason = Write the reason: the family reads it.
