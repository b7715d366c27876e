// What each refusal means to a person: [what happened, how to mend it]. Keyed by the stable slug of the problem's type.
type Pair = readonly [string, string]
export const PROBLEMS = {
  offline: [['连不上服务器', 'The server cannot be reached'], ['请检查网络后重试；已填写的内容还在。', 'Check the network and try again; what you typed is still here.']],
  'page-fault': [['页面出错', 'Something went wrong on this page'], ['请刷新页面；仍不行请告诉管理员。', 'Reload the page; if it stays, tell the operator.']],
  unexpected: [['服务器出错', 'Something went wrong on our side'], ['请重试；仍不行请把请求编号告诉管理员。', 'Try again; if it stays, tell the operator the request id.']],
  busy: [['服务器忙', 'The server is busy'], ['请稍后重试；重复提交不会重复记录。', 'Try again shortly; sending it again does not double anything.']],
  'not-signed-in': [['登录已失效', 'Your session has ended'], ['请重新登录，页面内容会保留。', 'Sign in again; the page keeps its content.']],
  'not-allowed': [['没有权限', 'No permission'], ['您的角色不能做这件事。', 'Your role may not do this.']],
  'not-found': [['没有找到', 'Not found'], ['这项内容不存在，或不在您的范围内。', 'There is no such thing here, or it is not yours to see.']],
  'invalid-request': [['填写有误', 'Something does not fit'], ['请按下面的提示修改后重试。', 'Mend what is named below and try again.']],
  'too-large': [['内容过大', 'Too large'], ['请分几次提交。', 'Send it in parts.']],
} satisfies Record<string, readonly [Pair, Pair]>
