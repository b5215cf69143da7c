//! Questions of an agent to people: who answers them, and that only the first answer counts.

use tenure_model::id::{PromptId, QuestionId, ThreadId, TurnId};

use crate::command::By;
use crate::draft::Draft;
use crate::effect::Effect;
use crate::event::Event;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::state::Session;
use crate::turn::{Outcome, Question};

/// Answers an open question. The same answer of the same person once more is no second answer.
pub(crate) fn answer(draft: &mut Draft, by: &By, id: QuestionId, answer: String) -> Result<Reply, Refusal> {
    let session = draft.session();
    let (turn, question) = session.find_question(id).ok_or(Refusal::UnknownQuestion(id))?;
    match &question.outcome {
        Outcome::Expired => return Err(Refusal::QuestionExpired),
        Outcome::Answered { answer: first, by: author } if *first == answer && author.user == by.user => {
            return Ok(Reply::Answered { question: id });
        }
        Outcome::Answered { by, .. } => return Err(Refusal::QuestionAnswered { by: by.name.clone() }),
        Outcome::Open => {}
    }
    let (size, max) = (answer.len() as u64, session.limits.prompt_bytes_max);
    if size > max {
        return Err(Refusal::TooLarge { what: "the answer", size, limit: "prompt_bytes_max", max });
    }
    Ok(accept(draft, by, turn, id, answer, None))
}

/// Records the answer and hands it to the runner. `prompt` is the waiting prompt whose text it is.
pub(crate) fn accept(
    draft: &mut Draft,
    by: &By,
    turn: TurnId,
    question: QuestionId,
    answer: String,
    prompt: Option<PromptId>,
) -> Reply {
    draft.emit(Event::QuestionAnswered { turn, question, answer: answer.clone(), by: by.author(), prompt });
    if let Some(open) = draft.session().turns.get(&turn)
        && let Some(hold) = open.phase.hold()
    {
        let (runner, work, generation) = (hold.runner, turn.into(), open.generation);
        draft.ask(Effect::Answer { runner, work, generation, question, answer: Some(answer) });
    }
    Reply::Answered { question }
}

impl Session {
    /// Finds a question of an open turn, answered or not.
    pub fn find_question(&self, id: QuestionId) -> Option<(TurnId, &Question)> {
        self.turns.iter().find_map(|(turn, open)| Some((*turn, open.questions.get(&id)?)))
    }

    /// Returns the question that a thread has been waiting on the longest.
    pub(crate) fn open_question_of(&self, thread: ThreadId) -> Option<(TurnId, QuestionId)> {
        let turn = self.open_turn_of(thread)?;
        let (question, _) = *self.turns[&turn].open_questions().first()?;
        Some((turn, question))
    }
}
