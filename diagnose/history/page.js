(function(){"use strict";
var doc=document,at=function(id){return doc.getElementById(id)},all=function(css){return [].slice.call(doc.querySelectorAll(css))};
var q=at("q"),count=at("count"),clear=at("clear"),more=at("more");
if(!q){return}
var fields={job:at("f-job"),whose:at("f-whose"),repo:at("f-repo"),from:at("f-from"),to:at("f-to")};
var items=all(".p").map(function(node){return {node:node,summary:node.querySelector("summary"),text:null,keys:null}});
doc.documentElement.classList.add("js");
at("qbox").hidden=false;more.hidden=false;more.open=matchMedia("(min-width:521px)").matches;at("found").hidden=false;

function value(field){return field?field.value:""}
function day(field){var time=Date.parse(value(field)+"T00:00:00Z");return isNaN(time)?null:time/864e5}
function picked(name){var one=doc.querySelector("input[name="+name+"]:checked");return one?one.id.slice(3):"all"}
function text(item){return item.text===null?item.text=item.node.textContent.toLowerCase():item.text}
function keys(item){
  return item.keys===null?item.keys=(item.node.getAttribute("data-e")||"").split(" ").map(function(key){var part=key.split(".");return {day:+part[0],job:part[1],whose:part[2]}}):item.keys;
}
// a pasted line holds figures and paths of its own run: most of its words are enough, a few typed words must all be there
function words(){return q.value.toLowerCase().split(/\s+/).map(function(word){return word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu,"")}).filter(Boolean)}
function holds(item,asked){
  if(!asked.length){return true}
  var body=text(item);
  if(asked.length<5){return asked.every(function(word){return body.indexOf(word)>=0})}
  var telling=asked.filter(function(word){return !/^[\d.,:x-]+$/.test(word)}),hit=telling.filter(function(word){return body.indexOf(word)>=0}).length;
  return telling.length>0&&hit>=Math.ceil(telling.length*0.75);
}
function wanted(){
  return {words:words(),state:picked("st"),kind:picked("ca"),job:value(fields.job),whose:value(fields.whose),repo:value(fields.repo),from:day(fields.from),to:day(fields.to)};
}
function fits(item,want){
  var has=item.node.classList;
  if(want.state!=="all"&&!has.contains("s-"+want.state)||want.kind!=="all"&&!has.contains("c-"+want.kind)||want.repo&&!has.contains("r"+want.repo)){return false}
  var narrow=want.job||want.whose||want.from!==null||want.to!==null;
  if(narrow&&!keys(item).some(function(key){
    return (!want.job||key.job===want.job)&&(!want.whose||key.whose===want.whose)&&(want.from===null||key.day>=want.from)&&(want.to===null||key.day<=want.to);
  })){return false}
  return holds(item,want.words);
}
function run(){
  var want=wanted(),shown=0;
  items.forEach(function(item){var fit=fits(item,want);if(item.node.hidden===fit){item.node.hidden=!fit}shown+=fit?1:0});
  count.textContent=shown===items.length?items.length+(items.length===1?" pattern":" patterns"):shown?shown+" of "+items.length+" patterns":"No pattern fits";
  clear.hidden=shown===items.length;
}
function reset(){
  q.value="";at("st-all").checked=true;at("ca-all").checked=true;
  Object.keys(fields).forEach(function(name){if(fields[name]){fields[name].value=""}});
  run();
}
function open(){
  var place=location.hash.length>1&&at(location.hash.slice(1));
  if(!place||place.tagName!=="DETAILS"){return}
  if(place.parentNode.hidden){reset()}
  place.open=true;place.scrollIntoView();place.querySelector("summary").focus({preventScroll:true});
}
function visible(){return items.filter(function(item){return !item.node.hidden})}
function step(key){
  var list=visible(),now=list.map(function(item){return item.summary}).indexOf(doc.activeElement),next={ArrowDown:now+1,ArrowUp:now-1,Home:0,End:list.length-1}[key];
  if(next<0){q.focus();return true}
  if(next>=list.length){return false}
  list[next].summary.focus();return true;
}
var asked=0;
function soon(){if(!asked){asked=requestAnimationFrame(function(){asked=0;run()})}}
q.addEventListener("input",soon);doc.addEventListener("change",soon);addEventListener("hashchange",open);
clear.addEventListener("click",function(){reset();q.focus()});
doc.addEventListener("click",function(event){
  // a second press on the same link changes no hash
  var link=event.target.closest&&event.target.closest("a[href^='#p-']");if(link&&link.hash===location.hash){event.preventDefault();open()}
});
doc.addEventListener("keydown",function(event){
  if(event.ctrlKey||event.metaKey||event.altKey){return}
  var focus=doc.activeElement,typing=focus&&/^(INPUT|SELECT|TEXTAREA)$/.test(focus.tagName);
  if(event.key==="/"&&!typing){event.preventDefault();q.focus();q.select();return}
  if(focus===q){
    if(event.key==="Escape"){q.value="";run()}
    else if(event.key==="ArrowDown"&&step("Home")){event.preventDefault()}
    else if(event.key==="Enter"){var first=visible()[0];if(first){event.preventDefault();first.summary.parentNode.open=true;first.summary.focus()}}
  }else if(focus&&focus.tagName==="SUMMARY"&&focus.closest(".p")&&/^(ArrowDown|ArrowUp|Home|End)$/.test(event.key)&&step(event.key)){event.preventDefault()}
});
run();open();
})();
